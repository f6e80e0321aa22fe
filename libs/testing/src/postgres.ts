import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from './child.js';
import { freePort } from './free-port.js';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { makeFolder, removeFolder } from './reaper.js';

export interface PostgresOptions {
  /**
   * True: real fsync, for tests about what survives a power cut. Otherwise nothing is synced, which loses nothing when only
   * processes are killed, since the kernel keeps what they wrote.
   */
  readonly durable?: boolean;
  readonly port?: number;
  /** More server settings: `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A real Postgres in a folder of its own. */
export interface TestPostgres {
  /** Of the empty database `postgres`; `freshDatabase(url)` makes others. */
  readonly url: string;
  readonly port: number;
  readonly process: Child;
  /** Default SIGKILL of the postmaster; its backends go with it. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again (after ending it, if it still runs) on the same port and data; resolves when it is ready. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const USER = 'parley';
const PASSWORD = 'parley';
const READY = 'database system is ready to accept connections';
const START_TRIES = 20;

export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const folder = await makeFolder('postgres');
  const port = options.port ?? (await freePort());
  const binaries = await postgresBinaries(folder);
  const dataDir = await initialise(folder, binaries);
  const launch = (): Promise<Child> => launchPatiently(binaries, dataDir, port, options);

  let child = await launch();
  // SIGINT is Postgres's "fast" shutdown: it ends the sessions that are still open instead of waiting for them.
  const end = (): Promise<unknown> => child.kill('SIGINT');
  return {
    url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${String(port)}/postgres`,
    port,
    get process() {
      return child;
    },
    async kill(signal) {
      await child.kill(signal);
    },
    async restart() {
      await end();
      child = await launch();
    },
    async stop() {
      await end();
      await removeFolder(folder);
    },
  };
}

async function initialise(folder: string, { initdb, runAs }: PostgresBinaries): Promise<string> {
  const dataDir = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD);
  await mkdir(dataDir);
  if (runAs.uid !== undefined && runAs.gid !== undefined) {
    for (const path of [folder, dataDir, passwordFile]) await chown(path, runAs.uid, runAs.gid);
  }
  const child = await startChild({
    name: 'initdb',
    command: initdb,
    args: [
      ...['--pgdata', dataDir, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
    ],
    ...runAs,
  });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`initdb failed; ${child.tail()}`);
  return dataDir;
}

function serverArgs(dataDir: string, port: number, options: PostgresOptions): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // Of three clusters at once, with replicas, each with a pool.
    max_connections: '400',
    shared_buffers: '64MB',
    ...(options.durable === true ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', dataDir, '-p', String(port), ...flags];
}

/** After a SIGKILL the backends take some moments to notice; until then a new server finds their memory in use. */
async function launchPatiently(
  { postgres, runAs }: PostgresBinaries,
  dataDir: string,
  port: number,
  options: PostgresOptions,
): Promise<Child> {
  for (let attempt = 1; ; attempt++) {
    const child = await startChild({
      name: `postgres on ${String(port)}`,
      command: postgres,
      args: serverArgs(dataDir, port, options),
      ...runAs,
    });
    try {
      await child.line('it was ready', 30_000, (line) => (line.includes(READY) ? true : undefined));
      return child;
    } catch (error) {
      if (attempt === START_TRIES || child.running || !child.tail().includes('shared memory block')) throw error;
      await sleep(100);
    }
  }
}
