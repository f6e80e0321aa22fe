import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { guardProcess, releaseProcess } from './reaper.js';
import { within } from './wait-for.js';

const KEPT_LINES = 400;
const SHOWN_LINES = 40;
/** Of each process, where all of a test are shown. */
const LAST_WORDS = 12;

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child; the test's own when left out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real process that dies with the test. */
export interface Child {
  readonly pid: number;
  readonly running: boolean;
  /** Standard output and error, the last 400 lines. */
  readonly lines: readonly string[];
  readonly exited: Promise<Exit>;
  signal(signal: NodeJS.Signals): void;
  /** Signals, and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
  /** SIGTERM; SIGKILL when it has not ended after `graceMs` (default 5,000). */
  stop(graceMs?: number): Promise<Exit>;
  /** The first line, past or to come, for which `match` gives a value; fails with the log when the child ends first. */
  line<T>(what: string, deadlineMs: number, match: (line: string) => T | undefined): Promise<T>;
  /** The last lines, for a failure's text. */
  tail(): string;
}

type Listener = (line: string) => void;

/** Those that run, and those that ended in the present test. */
const known = new Map<Child, string>();

/** Before a test: what earlier ones started and ended is not its concern. */
export function forgetEnded(): void {
  for (const child of known.keys()) if (!child.running) known.delete(child);
}

/** The last lines of every process that the test had, for the report of its failure. */
export function lastWords(): string {
  const texts = [...known].map(([child, name]) => {
    const lines = child.lines.slice(-LAST_WORDS).map((line) => `  ${line}`);
    const said = lines.length === 0 ? ' said nothing' : `:\n${lines.join('\n')}`;
    return `${name} (pid ${String(child.pid)}, ${child.running ? 'running' : 'ended'})${said}`;
  });
  return texts.length === 0 ? 'the test had no processes' : texts.join('\n');
}

export function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(options.command, [...options.args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  const kept: string[] = [];
  const listeners = new Set<Listener>();
  let running = true;
  const hear = (line: string): void => {
    kept.push(line);
    if (kept.length > KEPT_LINES) kept.shift();
    for (const listener of listeners) listener(line);
  };
  createInterface({ input: child.stdout }).on('line', hear);
  createInterface({ input: child.stderr }).on('line', hear);

  const tail = (): string => `last lines of ${options.name}:\n${kept.slice(-SHOWN_LINES).join('\n')}`;

  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new Error(`${options.name} could not be started (${options.command}): ${error.message}`));
    });
    child.once('spawn', () => {
      const pid = child.pid;
      if (pid === undefined) throw new Error(`${options.name} has no pid`);
      guardProcess(pid);
      // 'close' comes after the last line was read, so that a failure shows the whole log.
      const exited = new Promise<Exit>((settle) => {
        child.once('close', (code, signal) => {
          running = false;
          releaseProcess(pid);
          settle({ code, signal });
        });
      });
      const send = (signal: NodeJS.Signals): void => {
        if (running) child.kill(signal);
      };
      const kill = (signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> => {
        send(signal);
        return within(15_000, `the end of ${options.name} after ${signal}`, exited);
      };
      const started: Child = {
        pid,
        get running() {
          return running;
        },
        lines: kept,
        exited,
        signal: send,
        kill,
        async stop(graceMs = 5_000) {
          const timer = setTimeout(send, graceMs, 'SIGKILL');
          try {
            return await kill('SIGTERM');
          } finally {
            clearTimeout(timer);
          }
        },
        async line(what, deadlineMs, match) {
          const watch = watchLines(kept, listeners, match);
          const ended = exited.then((exit): never => {
            throw new Error(`${options.name} ended (${String(exit.signal ?? exit.code)}) before ${what}`);
          });
          ended.catch(() => undefined);
          try {
            return await within(deadlineMs, what, Promise.race([watch.found, ended]));
          } catch (error) {
            throw new Error(`${options.name}: ${error instanceof Error ? error.message : String(error)}; ${tail()}`);
          } finally {
            watch.stop();
          }
        },
        tail,
      };
      known.set(started, options.name);
      resolve(started);
    });
  });
}

function watchLines<T>(
  past: readonly string[],
  listeners: Set<Listener>,
  match: (line: string) => T | undefined,
): { found: Promise<T>; stop(): void } {
  let listener: Listener = () => undefined;
  const found = new Promise<T>((resolve) => {
    listener = (line) => {
      const value = match(line);
      if (value !== undefined) resolve(value);
    };
    for (const line of past) listener(line);
    listeners.add(listener);
  });
  return { found, stop: () => listeners.delete(listener) };
}
