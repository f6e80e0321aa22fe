import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type Values = Readonly<Record<string, number>>;

export interface RigOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
}

interface Waiting {
  resolve(values: Values): void;
  reject(error: Error): void;
}

const ANSWER_MS = 120_000;
const STOP_MS = 3_000;

/** A child process that answers commands over IPC with numbers. It ends itself when we are gone. */
export class Rig {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.on('message', (message) => {
      this.receive(message);
    });
    child.on('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`${name} ended (${String(signal ?? code)})`));
      this.waiting.clear();
    });
  }

  /** `path` is relative to bench/dist. Resolves with what the process says first. */
  static async start(name: string, path: string, options: RigOptions = {}): Promise<{ rig: Rig; said: Values }> {
    const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
    const inherited = Object.entries(process.env).filter(([variable]) => !variable.startsWith('PARLEY_'));
    const child = fork(file, {
      execArgv: ['--expose-gc', ...(options.execArgv ?? [])],
      env: { ...Object.fromEntries(inherited), ...options.env },
    });
    const rig = new Rig(name, child);
    return { rig, said: await rig.answer(0, `${name} says nothing`) };
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async ask(command: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Values> {
    const id = ++this.last;
    const answer = this.answer(id, `${this.name} does not answer ${command}`);
    this.child.send({ ...fields, id, command });
    return answer;
  }

  /** CPU that the process has used so far, its threads included, in seconds. */
  async cpuSeconds(): Promise<number> {
    const { user = 0, system = 0 } = await this.ask('cpu');
    return (user + system) / 1e6;
  }

  stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
      this.child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      // Told by the silence, it ends by itself, which lets `--cpu-prof` write its file.
      this.child.disconnect();
    });
  }

  private answer(id: number, complaint: string): Promise<Values> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error(complaint));
      }, ANSWER_MS);
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        finish();
      };
      this.waiting.set(id, {
        resolve: (values) => {
          settle(() => {
            resolve(values);
          });
        },
        reject: (error) => {
          settle(() => {
            reject(error);
          });
        },
      });
    });
  }

  private receive(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('id' in message)) return;
    const { id } = message;
    const waiting = typeof id === 'number' ? this.waiting.get(id) : undefined;
    if (typeof id !== 'number' || waiting === undefined) return;
    this.waiting.delete(id);
    if ('value' in message && isValues(message.value)) waiting.resolve(message.value);
    else waiting.reject(new Error(`${this.name}: ${'error' in message ? String(message.error) : 'no numbers'}`));
  }
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'number');
}
