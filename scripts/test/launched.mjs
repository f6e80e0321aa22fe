// @ts-check
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isFree } from '../start/ports.mjs';

/** What a person who has set nothing has. @param {NodeJS.ProcessEnv} env @returns {NodeJS.ProcessEnv} */
export function withoutParley(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PARLEY_')));
}

/** Every launcher that a test has started, so that none outlives a failed test. @type {Set<Launched>} */
const all = new Set();

/** One `node scripts/start.mjs` in a clone. */
export class Launched {
  /** @type {string[]} */
  lines = [];
  /** What went to stderr, of `lines`. @type {string[]} */
  complaints = [];
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {string} clone @param {readonly string[]} args @param {NodeJS.ProcessEnv} [env] */
  constructor(clone, args, env = {}) {
    this.clone = clone;
    this.process = spawn(process.execPath, [join(clone, 'scripts', 'start.mjs'), ...args], {
      cwd: clone,
      env: { ...withoutParley(process.env), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (stream === this.process.stderr) this.complaints.push(line);
        for (const wake of this.#waiting) wake();
      });
    }
    /** @type {Promise<number | null>} */
    this.closed = new Promise((resolve) => this.process.once('close', (code) => resolve(code)));
    void this.closed.then(() => {
      all.delete(this);
      for (const wake of this.#waiting) wake();
    });
    all.add(this);
  }

  /** @param {string | RegExp} what @param {number} [deadlineMs] */
  async line(what, deadlineMs = 90_000) {
    const find = () => this.lines.find((line) => (typeof what === 'string' ? line === what : what.test(line)));
    const deadline = Date.now() + deadlineMs;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const ended = this.process.exitCode !== null || this.process.signalCode !== null;
      if (ended || Date.now() > deadline) throw new Error(`no line ${String(what)} in:\n${this.lines.join('\n')}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve(undefined);
        });
      });
      this.#waiting = [];
    }
  }

  /** Process ids by name, as the launcher noted them. @returns {Map<string, number>} */
  pids() {
    const { children } = JSON.parse(readFileSync(join(this.clone, '.parley', 'run.json'), 'utf8'));
    return new Map(children.map((/** @type {{name: string, pid: number}} */ { name, pid }) => [name, pid]));
  }

  /** @param {NodeJS.Signals} [signal] @returns {Promise<{code: number | null, seconds: number}>} */
  async stop(signal = 'SIGTERM') {
    const begun = Date.now();
    this.process.kill(signal);
    const code = await this.closed;
    return { code, seconds: (Date.now() - begun) / 1_000 };
  }
}

export async function stopAll() {
  await Promise.all([...all].map((each) => each.stop()));
}

/** Command lines of processes that name the folder. @param {string} folder @returns {string[]} */
export function processesOf(folder) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    })
    .filter((command) => command.includes(folder));
}

/** @param {() => boolean} question @param {string} what @param {number} deadlineMs */
export async function until(question, what, deadlineMs) {
  const deadline = Date.now() + deadlineMs;
  while (!question()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * An offset at which the ports of two gateways are free. Its ports stay below those that the system gives to outgoing
 * connections, any of which may take one between our look and the start, and below those of the other tests, which run
 * at the same time: see freePort in libs/testing.
 */
export async function freeOffset() {
  for (;;) {
    // No port of it is 10080, which fetch refuses.
    const offset = 700 + Math.floor(Math.random() * 1_200);
    const ports = [8080, 8081, 8000, 8090, 8091, 8010].map((port) => port + offset);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return offset;
  }
}
