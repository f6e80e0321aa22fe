// @ts-check
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LogFile } from './log-file.mjs';
import { StartError } from './say.mjs';

/**
 * @typedef {object} Spec
 * @property {string} name
 * @property {string} command
 * @property {readonly string[]} args
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [cwd]
 * @property {number} [uid]
 * @property {number} [gid]
 * @property {string} log path
 * @property {NodeJS.Signals} [stopSignal] default SIGTERM
 * @property {number} readyMs how long it may take to be ready
 * @property {(line: string) => boolean} isReady whether this line of its output says so
 * @property {(line: string) => void} [onLine]
 */

/** @typedef {{code: number | null, signal: NodeJS.Signals | null}} End */

/** One run of one process. It leads a process group of its own: Ctrl-C reaches the launcher alone, which stops in order. */
export class Child {
  /** @type {string[]} */
  #tail = [];
  #process;
  /** @type {Promise<End>} */
  exited;
  /** Resolves when it says that it is ready; rejects when it ends or the time passes before. @type {Promise<void>} */
  ready;
  running = true;

  /** @param {Spec} spec */
  constructor(spec) {
    this.spec = spec;
    const { command, args, env, cwd, uid, gid } = spec;
    this.#process = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: env ?? process.env,
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    const log = new LogFile(spec.log);
    /** @type {() => void} */
    let sayReady = () => undefined;
    const readyLine = new Promise((resolve) => (sayReady = () => resolve(undefined)));
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.write(line);
        this.#tail = [...this.#tail.slice(-19), line];
        spec.onLine?.(line);
        if (spec.isReady(line)) sayReady();
      });
    }
    this.exited = new Promise((resolve) => {
      const end = (/** @type {End} */ how) => {
        this.running = false;
        resolve(how);
      };
      this.#process.once('error', (error) => {
        this.#tail.push(error.message);
        end({ code: null, signal: null });
      });
      this.#process.once('exit', (code, signal) => end({ code, signal }));
    });
    void this.exited.then(() => setTimeout(() => log.close(), 1_000).unref());
    this.ready = this.#waitUntilReady(readyLine, spec);
    this.ready.catch(() => undefined);
  }

  get pid() {
    return this.#process.pid;
  }

  /** What it said last that a person can use. */
  lastWords() {
    const lines = this.#tail.map(messageOf).filter((line) => line !== '');
    return (
      lines.findLast((line) => /error|fatal|fail|cannot|can't|denied|invalid|not /i.test(line)) ??
      lines.at(-1) ??
      'it said nothing'
    );
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    if (!this.running || this.pid === undefined) return;
    try {
      process.kill(signal === 'SIGKILL' ? -this.pid : this.pid, signal);
    } catch {
      // Gone between the question and the signal.
    }
  }

  /** Asks it to stop, and makes it stop when it has not within `graceMs`. @param {number} graceMs */
  async stop(graceMs) {
    if (!this.running) return;
    this.signal(this.spec.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** @param {Promise<unknown>} readyLine @param {Spec} spec */
  async #waitUntilReady(readyLine, { name, readyMs, log }) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(() => resolve('late'), readyMs)));
    const first = await Promise.race([readyLine, this.exited, late]);
    clearTimeout(timer);
    if (first === undefined) return;
    if (first === 'late')
      throw new StartError(
        `${name} was not ready within ${readyMs / 1_000} s (${this.lastWords()}); its log is ${log}`,
      );
    // Its last lines may still be on their way through the pipe.
    await new Promise((resolve) => setTimeout(resolve, 50));
    throw new StartError(`${name} did not start: ${this.lastWords()} (its log is ${log})`);
  }
}

/** The message of a JSON log line; other lines as they are. @param {string} line */
export function messageOf(line) {
  if (!line.startsWith('{')) return line.trim();
  try {
    const { msg, err } = JSON.parse(line);
    const cause = typeof err?.message === 'string' && err.message !== msg ? `: ${err.message}` : '';
    return typeof msg === 'string' ? `${msg}${cause}` : '';
  } catch {
    return line.trim();
  }
}

/** @param {End} end */
export function howItEnded({ code, signal }) {
  return signal === null ? `exit code ${code ?? 'unknown'}` : signal;
}
