// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError, note } from './say.mjs';

/** @typedef {{pid: number, name: string, mark: string, signal: NodeJS.Signals}} Entry mark: a part of its command line */

/**
 * `<home>/run.json` says which launcher runs here and what it has started, so that a second one refuses to start beside
 * it, and so that one after a crash (of the machine, or of launcher and guard together) can end what is left.
 */
export class RunFile {
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  #path;

  /** @param {string} home */
  constructor(home) {
    mkdirSync(home, { recursive: true });
    this.#path = join(home, 'run.json');
  }

  /** Throws when a launcher runs here; ends the children of one that is gone. */
  async claim() {
    const last = this.#read();
    if (last !== undefined && last.pid !== process.pid && commandOf(last.pid).includes(last.mark)) {
      throw new StartError(`Parley is already running here (process ${last.pid}); stop it, or use another --home`);
    }
    for (const entry of last?.children ?? []) await endLeftover(entry);
    this.#write();
  }

  /** @param {Entry} entry */
  add(entry) {
    this.#entries.set(entry.pid, entry);
    this.#write();
  }

  /** @param {number} pid */
  remove(pid) {
    if (this.#entries.delete(pid)) this.#write();
  }

  release() {
    rmSync(this.#path, { force: true });
  }

  /** @returns {{pid: number, mark: string, children: Entry[]} | undefined} */
  #read() {
    try {
      const last = JSON.parse(readFileSync(this.#path, 'utf8'));
      return Number.isInteger(last.pid) && Array.isArray(last.children) ? last : undefined;
    } catch {
      return undefined;
    }
  }

  #write() {
    const text = JSON.stringify(
      { pid: process.pid, mark: 'start.mjs', children: [...this.#entries.values()] },
      null,
      2,
    );
    writeFileSync(`${this.#path}.new`, `${text}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }
}

/** Process ids are used again, so only a process with the expected command line is ours. @param {Entry} entry */
export async function endLeftover({ pid, name, mark, signal }) {
  const runs = () => commandOf(pid).includes(mark);
  if (!runs()) return;
  note(`ending ${name} (process ${pid}), which an earlier start left behind`);
  for (const each of [signal, /** @type {const} */ ('SIGKILL')]) {
    try {
      process.kill(pid, each);
    } catch {
      return;
    }
    const deadline = Date.now() + 4_000;
    while (Date.now() < deadline && runs()) await new Promise((resolve) => setTimeout(resolve, 50));
    if (!runs()) return;
  }
}

/** The command line of a process; empty when there is none. @param {number} pid @returns {string} */
export function commandOf(pid) {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}
