// @ts-check
// The launcher with services that do nothing but run: what it says, starts, heals, refuses and leaves behind.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Launched, freeOffset, processesOf, stopAll, until } from './test/launched.mjs';
import { makeStubClone } from './test/stub-clone.mjs';

let clone = '';
let offset = 0;

beforeAll(async () => {
  clone = makeStubClone();
  offset = await freeOffset();
});

afterEach(stopAll);
afterAll(() => rmSync(clone, { recursive: true, force: true }));

/** @param {NodeJS.ProcessEnv} [env] @param {string[]} args */
const launch = (env = {}, ...args) => new Launched(clone, ['--port-offset', String(offset), ...args], env);

const nothingRuns = () => until(() => processesOf(clone).length === 0, 'everything is gone', 10_000);

/** @param {string} sql */
async function query(sql) {
  const log = readFileSync(join(clone, '.parley', 'logs', 'postgres.log'), 'utf8');
  const port = [...log.matchAll(/listening on IPv4 address "127.0.0.1", port (\d+)/g)].at(-1)?.[1];
  const password = readFileSync(join(clone, '.parley', 'postgres-password'), 'utf8').trim();
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(port),
    user: 'parley',
    password,
    database: 'postgres',
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** @param {string} script @returns {string} a folder with a nats-server that is this script */
function fakeNats(script) {
  const folder = mkdtempSync(join(clone, 'bin-'));
  writeFileSync(join(folder, 'nats-server'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'nats-server'), 0o755);
  return folder;
}

/** @param {Launched} launched @param {RegExp} reason */
async function expectOneLine(launched, reason) {
  expect(await launched.closed).toBe(1);
  const complaints = launched.complaints.filter((line) => !/warns$/.test(line));
  expect(complaints).toEqual([expect.stringMatching(reason)]);
  expect(launched.lines).not.toContain('Ready');
  await nothingRuns();
}

describe('a start', () => {
  it('ends with Ready, stops on SIGTERM within 10 s and finds its data the next time', async () => {
    const first = launch();
    await first.line('Ready');
    expect(first.lines.at(-1)).toBe('Ready');
    expect(first.lines).toContain('auth: auth warns');
    expect([...first.pids().keys()].sort()).toEqual([
      'auth',
      'gateway',
      'messaging',
      'nats',
      'postgres',
      'presence',
      'rooms',
      'session',
      'signaling',
    ]);
    await query('CREATE TABLE kept AS SELECT 1 AS one');
    const stopped = await first.stop();
    expect(stopped.code).toBe(0);
    expect(stopped.seconds).toBeLessThan(10);
    expect(processesOf(clone)).toEqual([]);

    const second = launch({}, '--gateways', '2');
    await second.line('Ready');
    expect(second.pids().has('gateway-2')).toBe(true);
    expect(second.lines.join('\n')).toContain(`http://127.0.0.1:${8090 + offset}`);
    expect(await query('SELECT * FROM kept')).toEqual([{ one: 1 }]);
    expect((await second.stop('SIGINT')).code).toBe(0);
    expect(processesOf(clone)).toEqual([]);
  });

  it('takes one Ctrl-C that arrives twice for one, and a later one for impatience', async () => {
    const polite = launch();
    await polite.line('Ready');
    polite.process.kill('SIGINT');
    expect((await polite.stop('SIGINT')).code).toBe(0);

    const stubborn = launch({ STUB_DEAF: '1' });
    await stubborn.line('Ready');
    stubborn.process.kill('SIGINT');
    await stubborn.line(/^Stopping/);
    await new Promise((resolve) => setTimeout(resolve, 600));
    const { code, seconds } = await stubborn.stop('SIGINT');
    expect(code).toBe(1);
    expect(seconds).toBeLessThan(2);
    await nothingRuns();
  });

  it('refuses to run beside another in the same folder', async () => {
    const first = launch();
    await first.line('Ready');
    const second = new Launched(clone, ['--port-offset', String(await freeOffset())]);
    expect(await second.closed).toBe(1);
    expect(second.complaints).toEqual([expect.stringMatching(/already running here/)]);
    expect(first.process.exitCode).toBeNull();
    await first.stop();
  });
});

describe('a fall', () => {
  it('of any process is mended', async () => {
    const launched = launch();
    await launched.line('Ready');
    for (const name of ['messaging', 'gateway', 'nats', 'postgres']) {
      const before = launched.pids().get(name) ?? 0;
      process.kill(before, 'SIGKILL');
      await launched.line(new RegExp(`^${name} stopped \\(SIGKILL\\); starting it again`));
      await launched.line(new RegExp(`^${name} is back`));
      expect(launched.pids().get(name)).not.toBe(before);
    }
    expect((await launched.stop()).code).toBe(0);
    expect(processesOf(clone)).toEqual([]);
  });

  it('that repeats ends everything, in one line', async () => {
    const launched = launch({ STUB_CRASH_PRESENCE: 'later' });
    expect(await launched.closed).toBe(1);
    expect(launched.lines.at(-1)).toMatch(
      /^presence stopped \(exit code 7\) for the 6th time within a minute; its log is/,
    );
    await nothingRuns();
  });

  it('of the launcher itself takes everything along, and the next start is none the worse', async () => {
    const launched = launch();
    await launched.line('Ready');
    await query('CREATE TABLE survives AS SELECT 2 AS two');
    launched.process.kill('SIGKILL');
    await launched.closed;
    await nothingRuns();

    const next = launch();
    await next.line('Ready');
    expect(await query('SELECT * FROM survives')).toEqual([{ two: 2 }]);
    await next.stop();
  });

  it('of the launcher and its guard leaves processes that the next start ends', async () => {
    const launched = launch();
    await launched.line('Ready');
    const left = launched.pids();
    const guard = Number(
      readFileSync(`/proc/${launched.process.pid}/task/${launched.process.pid}/children`, 'utf8').split(' ')[0],
    );
    expect(readFileSync(`/proc/${guard}/cmdline`, 'utf8')).toContain('guard.mjs');
    process.kill(guard, 'SIGKILL');
    launched.process.kill('SIGKILL');
    await launched.closed;
    expect(processesOf(clone).length).toBeGreaterThan(3);

    const next = launch();
    await next.line('Ready');
    for (const pid of left.values()) expect([...next.pids().values()]).not.toContain(pid);
    await next.stop();
    await nothingRuns();
  });
});

describe('what stands in the way is said in one line', () => {
  it('a port in use', async () => {
    const server = createServer().listen(8081 + offset, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    await expectOneLine(launch(), /port \d+ is already in use; free it, or start with --port-offset/);
    await new Promise((resolve) => server.close(resolve));
  });

  it('a nats-server that does not run', async () => {
    const path = `${fakeNats('echo "bad interpreter" >&2; exit 3')}:${process.env['PATH']}`;
    await expectOneLine(launch({ PATH: path }), /is no working nats-server: bad interpreter/);
  });

  it('a nats-server that does not start', async () => {
    const script =
      'case "$1" in --version) echo "nats-server: v0";; *) echo "[FTL] cannot open the store"; exit 1;; esac';
    const path = `${fakeNats(script)}:${process.env['PATH']}`;
    await expectOneLine(launch({ PATH: path }), /nats did not start: .*cannot open the store/);
  });

  it('a NATS that is not there', async () => {
    const env = { PARLEY_NATS_URL: 'nats://me:secret@127.0.0.1:1' };
    const launched = launch(env);
    await expectOneLine(launched, /PARLEY_NATS_URL: nothing answers at nats:\/\/127.0.0.1:1 \(.*ECONNREFUSED/);
    expect(launched.lines.join('\n')).not.toContain('secret');
  });

  it('a database that is not there', async () => {
    const launched = launch({ PARLEY_DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/parley' });
    await expectOneLine(launched, /PARLEY_DATABASE_URL: no database answers at 127.0.0.1:1\/parley \(.*ECONNREFUSED/);
    expect(launched.lines.join('\n')).not.toContain('secret');
  });

  it('a service that fails', async () => {
    await expectOneLine(launch({ STUB_CRASH_AUTH: 'start' }), /auth did not start: the stub was told to fail/);
  });

  it('a flag that does not exist', async () => {
    await expectOneLine(launch({}, '--gateway', '2'), /unknown flag --gateway/);
    await expectOneLine(launch({}, '--gateways', '0'), /--gateways needs a number from 1 to 8/);
  });

  it('a folder that nobody can write to', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'parley-home-')), 'file');
    writeFileSync(file, '');
    await expectOneLine(launch({}, '--home', join(file, 'home')), /could not start: ENOTDIR/);
    rmSync(join(file, '..'), { recursive: true });
    mkdirSync(join(clone, '.parley'), { recursive: true });
  });
});
