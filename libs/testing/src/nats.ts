import { execFile } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { startChild, type Child } from './child.js';
import { onFreePorts } from './free-port.js';
import { makeFolder, removeFolder } from './reaper.js';
import { waitFor } from './wait-for.js';

export interface NatsBinary {
  readonly path: string;
  /** Such as `2.9.10`. */
  readonly version: string;
}

export interface NatsOptions {
  /** Path of nats-server; found by itself when left out. */
  readonly bin?: string;
  readonly port?: number;
  /** Kept on stop when given; otherwise a temporary folder. */
  readonly storeDir?: string;
  /** Lines of its configuration. Default: what `npm start` writes, so that the largest frame fits with its head. */
  readonly config?: string;
}

/** A real nats-server with JetStream in a store of its own. */
export interface TestNats {
  readonly url: string;
  readonly port: number;
  readonly storeDir: string;
  readonly process: Child;
  /** Default SIGKILL; resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again (after ending it, if it still runs) on the same port and store; resolves when it is ready. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/bin', '/usr/bin'];

/** The nats-server to use: `PARLEY_TEST_NATS_BIN`, or one on PATH, or Debian's. */
export function natsBinary(): string {
  const named = process.env['PARLEY_TEST_NATS_BIN'];
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new Error(`PARLEY_TEST_NATS_BIN is ${named}, which cannot be run`);
    return named;
  }
  const found = candidates().find(isExecutable);
  if (found === undefined) {
    throw new Error('no nats-server: install it (apt-get install nats-server), or set PARLEY_TEST_NATS_BIN');
  }
  return found;
}

/** Every distinct version at hand (PATH, Debian's, Go's bin folder), oldest first, for suites that try them all. */
export async function natsBinaries(): Promise<readonly NatsBinary[]> {
  const named = process.env['PARLEY_TEST_NATS_BIN'];
  const paths = named === undefined || named === '' ? [...candidates(), ...(await goCandidates())] : [named];
  const byVersion = new Map<string, NatsBinary>();
  for (const path of new Set(paths.filter(isExecutable).map((path) => realpathSync(path)))) {
    const { stdout } = await run(path, ['--version']);
    const version = /v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (version !== undefined && !byVersion.has(version)) byVersion.set(version, { path, version });
  }
  return [...byVersion.values()].sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
}

function candidates(): string[] {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...onPath, ...SYSTEM_FOLDERS].map((folder) => join(folder, 'nats-server'));
}

async function goCandidates(): Promise<string[]> {
  try {
    const { stdout } = await run('go', ['env', 'GOPATH']);
    return [join(stdout.trim(), 'bin', 'nats-server')];
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function startNats(options: NatsOptions = {}): Promise<TestNats> {
  const { port } = options;
  return port === undefined ? onFreePorts((free) => startOn(free, options)) : startOn(port, options);
}

async function startOn(port: number, options: NatsOptions): Promise<TestNats> {
  const bin = options.bin ?? natsBinary();
  const storeDir = options.storeDir ?? (await makeFolder('nats'));
  const configDir = await makeFolder('nats-config');
  const config = join(configDir, 'nats.conf');
  await writeFile(config, options.config ?? 'max_payload: 2MB');
  const place = ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', storeDir];

  const launch = async (): Promise<Child> => {
    const child = await startChild({
      name: `nats-server on ${String(port)}`,
      command: bin,
      args: ['--config', config, ...place],
    });
    await child.line('"Server is ready"', 15_000, (line) => (line.includes('Server is ready') ? true : undefined));
    await waitFor(() => accepts(port), `nats-server to accept connections on ${String(port)}`);
    return child;
  };

  const forget = async (): Promise<void> => {
    await removeFolder(configDir);
    if (options.storeDir === undefined) await removeFolder(storeDir);
  };

  let child = await launch();
  return {
    url: `nats://127.0.0.1:${String(port)}`,
    port,
    storeDir,
    get process() {
      return child;
    },
    async kill(signal) {
      await child.kill(signal);
    },
    async restart() {
      await child.stop();
      child = await launch();
    },
    async stop() {
      await child.stop();
      await forget();
    },
  };
}

/** True when something accepts TCP connections on the port of 127.0.0.1. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
