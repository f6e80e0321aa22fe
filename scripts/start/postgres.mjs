// @ts-check
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { lastLines, run } from './commands.mjs';
import { freePortNear } from './ports.mjs';
import { own, placePostgres } from './postgres-account.mjs';
import { endLeftover } from './run-file.mjs';
import { StartError, inOneLine, note, step } from './say.mjs';

/** @typedef {import('./child.mjs').Spec} Spec */

const USER = 'parley';

/** @typedef {import('./postgres-account.mjs').Place & {data: string, password: string}} Prepared */

/**
 * Makes the cluster at the first start, and clears what a crash has left.
 * @param {{root: string, home: string}} where
 * @returns {Promise<Prepared>}
 */
export async function preparePostgres({ root, home }) {
  const place = await step('Preparing Postgres', () => placePostgres(root, home));
  const password = keptSecret(join(home, 'postgres-password'));
  const data = join(place.folder, 'data');
  if (!existsSync(join(data, 'PG_VERSION')))
    await step('Creating the database', () => initialise(place, data, password));
  await clearStalePid(data);
  return { ...place, data, password };
}

/**
 * How to run it, on a port that is free now.
 * @param {{home: string, portOffset: number}} where
 * @param {Prepared} prepared
 * @returns {Promise<{spec: Spec, url: string}>}
 */
export async function postgresSpec({ home, portOffset }, { bin, runAs, data, password }) {
  const port = await freePortNear(5433 + portOffset);
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`,
    spec: {
      name: 'postgres',
      command: join(bin, 'postgres'),
      args: ['-D', data, '-p', String(port), ...flags],
      ...runAs,
      cwd: '/',
      log: join(home, 'logs', 'postgres.log'),
      // SIGINT is its fast shutdown; SIGTERM would wait for every session to leave.
      stopSignal: 'SIGINT',
      // Recovery after a crash replays its log first.
      readyMs: 60_000,
      isReady: (line) => line.includes('database system is ready to accept connections'),
    },
  };
}

/** A value made once and readable by its owner alone. @param {string} file @returns {string} */
export function keptSecret(file) {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const secret = randomBytes(24).toString('base64url');
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}

/**
 * Made beside its place and then renamed, so that half a cluster is never taken for one.
 * @param {import('./postgres-account.mjs').Place} place @param {string} data @param {string} password
 */
async function initialise(place, data, password) {
  const fresh = `${data}.new`;
  const passwordFile = join(place.folder, 'initial-password');
  rmSync(fresh, { recursive: true, force: true });
  own(fresh, place.runAs);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (place.runAs.uid !== undefined && place.runAs.gid !== undefined)
    chownSync(passwordFile, place.runAs.uid, place.runAs.gid);
  const args = ['--pgdata', fresh, '--username', USER, '--pwfile', passwordFile];
  const { code, output } = await run(
    join(place.bin, 'initdb'),
    [...args, '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
    { ...place.runAs, cwd: '/' },
  );
  rmSync(passwordFile, { force: true });
  note(output);
  if (code !== 0) throw new StartError(`Postgres could not be set up in ${data}: ${lastLines(output)}`);
  renameSync(fresh, data);
}

/**
 * After a crash postmaster.pid names a process that is gone, or whose number belongs to a stranger by now, which makes
 * Postgres refuse to start. A server that does run on this data is what an earlier start left behind.
 * @param {string} data
 */
async function clearStalePid(data) {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (Number.isInteger(pid) && pid > 1) await endLeftover({ pid, name: 'postgres', mark: data, signal: 'SIGINT' });
  rmSync(file, { force: true });
}

/**
 * Fails in one line unless the database answers.
 * @param {string} root
 * @param {string} url
 */
export async function checkDatabase(root, url) {
  const { default: pg } = await import(createRequire(join(root, 'libs', 'database', 'package.json')).resolve('pg'));
  let client;
  try {
    client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
    // A server that goes away while we leave is nobody's concern.
    client.on('error', () => undefined);
    await client.connect();
    await client.query('SELECT 1');
  } catch (error) {
    throw new StartError(`PARLEY_DATABASE_URL: no database answers at ${placeOf(url)} (${causeOf(error)})`);
  } finally {
    await client?.end().catch(() => undefined);
  }
}

/** @param {string} url */
function placeOf(url) {
  if (!URL.canParse(url)) return 'what is no URL';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || '5432'}${pathname}`;
}

/** A refused connection to a name with two addresses has its reasons inside. @param {unknown} error */
function causeOf(error) {
  if (error instanceof AggregateError && error.errors.length > 0) return inOneLine(error.errors[0]);
  return inOneLine(error);
}
