import { compile } from '@parley/contracts';
import { makeFolder, removeFolder, startChild, waitFor, type Child } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { chmod, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../../', import.meta.url));
const runCheck = compile(
  Type.Object({ children: Type.Array(Type.Object({ name: Type.String(), pid: Type.Integer() })) }),
);

const READY_MS = 150_000;
const STOP_MS = 20_000;
/** Below those that the tests' free ports are taken from; scripts/test/launched.mjs says more. */
const OFFSETS = { first: 600, number: 1_300 };

/** What `npm start` runs, with two gateways: the whole of Parley, its NATS and its Postgres. */
export class NpmStart {
  private constructor(
    private readonly child: Child,
    private readonly home: string,
    private readonly offset: number,
  ) {}

  static async begin(env: Readonly<Record<string, string>>): Promise<NpmStart> {
    const home = await makeFolder('home');
    // Its Postgres runs as an account of its own, which must be let in.
    await chmod(home, 0o755);
    const offset = await freeOffset();
    const others = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_')));
    const child = await startChild({
      name: 'npm start',
      command: process.execPath,
      args: [join(root, 'scripts', 'start.mjs'), '--gateways=2', `--port-offset=${String(offset)}`, `--home=${home}`],
      cwd: root,
      env: { ...others, ...env },
    });
    await child.line('Ready', READY_MS, (line) => (line === 'Ready' ? true : undefined));
    return new NpmStart(child, home, offset);
  }

  gateway(number: number): { readonly url: string; readonly wsUrl: string } {
    const host = `127.0.0.1:${String(8_080 + this.offset + 10 * (number - 1))}`;
    return { url: `http://${host}`, wsUrl: `ws://${host}` };
  }

  /** `host:port` of every process's metrics, from the line that it prints. */
  get targets(): string[] {
    const line = this.child.lines.find((one) => one.startsWith('Metrics:')) ?? '';
    return [...line.matchAll(/http:\/\/(\S+?)\/metrics/g)].map(([, target = '']) => target);
  }

  /** Ends a process, which is started again by itself; resolves when it is back. */
  async kill(name: string): Promise<void> {
    const { length } = this.child.lines;
    process.kill(await this.pid(name), 'SIGKILL');
    await waitFor(
      () => this.child.lines.slice(length).some((line) => line.startsWith(`${name} is back`)),
      `${name} to be back`,
      60_000,
    );
  }

  /** Holds a process for so long: its connections stay, and nothing is answered. */
  async hold(name: string, ms: number): Promise<void> {
    const pid = await this.pid(name);
    process.kill(pid, 'SIGSTOP');
    try {
      await sleep(ms);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }

  async stop(): Promise<void> {
    await this.child.stop(STOP_MS);
    await removeFolder(this.home);
  }

  private async pid(name: string): Promise<number> {
    const run: unknown = JSON.parse(await readFile(join(this.home, 'run.json'), 'utf8'));
    const found = runCheck.is(run) ? run.children.find((one) => one.name === name) : undefined;
    if (found === undefined) throw new Error(`no ${name} in ${JSON.stringify(run)}`);
    return found.pid;
  }
}

async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = OFFSETS.first + Math.floor(Math.random() * OFFSETS.number);
    const free = await Promise.all([8_080, 8_081, 8_000, 8_090, 8_091, 8_010].map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
