// @ts-check
// `npm start` as a person uses it: the real services, and the printed lines run exactly as they were printed.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './start/commands.mjs';
import { freeOffset, processesOf, until, withoutParley } from './test/launched.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** @type {string[]} */
let lines = [];
let home = '';
/** @type {import('node:child_process').ChildProcess} */
let npm;
/** @type {Promise<number | null>} */
let closed;

/** `npm start` in a process group of its own, so that a signal to the group is what Ctrl-C in a terminal is. */
async function start() {
  const offset = await freeOffset();
  const args = ['start', '--', '--gateways', '2', '--port-offset', String(offset), '--home', home];
  const env = withoutParley(process.env);
  const child = spawn('npm', args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  npm = child;
  closed = new Promise((resolve) => child.once('close', resolve));
  lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  await until(() => lines.includes('Ready') || child.exitCode !== null || child.signalCode !== null, 'Ready', 150_000);
  expect(lines, lines.join('\n')).toContain('Ready');
  return offset;
}

/** @param {RegExp} what */
const printed = (what) => lines.map((line) => what.exec(line)?.[1]).find((line) => line !== undefined) ?? '';

/** The line to copy under this title. @param {string} title */
const printedBelow = (title) => lines[lines.findIndex((line) => line.startsWith(title)) + 1]?.trim() ?? '';

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'parley-home-'));
  // Postgres runs as an account of its own, which must be let in.
  chmodSync(home, 0o755);
  await start();
});

afterAll(async () => {
  if (npm.exitCode === null && npm.signalCode === null && npm.pid !== undefined) process.kill(-npm.pid, 'SIGTERM');
  await closed;
  rmSync(home, { recursive: true, force: true });
});

describe('npm start', () => {
  it('ends with Ready and warns of nothing', () => {
    expect(lines.at(-1)).toBe('Ready');
    expect(
      lines.filter((line) =>
        /^(auth|presence|messaging|signaling|rooms|session|gateway-\d|nats|postgres)\b.*:|PARLEY_/.test(line),
      ),
    ).toEqual([]);
  });
});

describe('its lines to copy', () => {
  it.runIf(hasCurl)('prints a curl line that logs in', async () => {
    const { code, output } = await run('bash', ['-c', printed(/^ {2}(curl .*)/)], { cwd: root });
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ token_type: 'Bearer', user: { username: 'demo' } });
  });

  it('prints a line that subscribes, publishes and sees it arrive', async () => {
    const { code, output } = await run('bash', ['-c', printed(/^ {2}(node .*)/)], { cwd: root, timeoutMs: 20_000 });
    expect(code, output).toBe(0);
    const messages = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(messages).toContainEqual(
      expect.objectContaining({ type: 'Status', data: expect.objectContaining({ status: 'subscribed' }) }),
    );
    expect(messages.at(-1)).toMatchObject({
      type: 'Broadcast',
      data: { topic: 'chat.general', payload: { text: 'hello' } },
    });
  });

  it('prints a line by which a device hears that it is watched, time and again', async () => {
    for (let time = 1; time <= 2; time++) {
      const { code, output } = await run('bash', ['-c', printedBelow('Watch a device')], {
        cwd: root,
        timeoutMs: 20_000,
      });
      expect(code, output).toBe(0);
      for (const what of [
        'viewer {"type":"watch_ready"',
        'device {"type":"watch_request"',
        'device {"type":"watch_ended"',
      ]) {
        expect(output).toContain(what);
      }
    }
  });

  it('prints a line that makes a party, joins and closes it', async () => {
    const { code, output } = await run('bash', ['-c', printedBelow('Make a party')], { cwd: root, timeoutMs: 20_000 });
    expect(code, output).toBe(0);
    const types = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(types).toEqual(['welcome', 'member_list', 'session_closed']);
  });
});

describe('npm start', () => {
  it('serves metrics where it says', async () => {
    const urls = [...printed(/^Metrics: (.*)/).matchAll(/http:\S+/g)].map(([url]) => url);
    // Two gateways, and every service; the console is a page.
    const services = readdirSync(join(root, 'services')).filter((name) => name !== 'console');
    expect(urls).toHaveLength(services.length + 1);
    for (const url of urls) expect(await (await fetch(url)).text()).toContain('# TYPE');
  });

  it('stops on Ctrl-C within 10 s, and knows its accounts the next time', async () => {
    const login = printed(/http:\S+?:(\d+)\/auth\/login/);
    const register = await fetch(`http://127.0.0.1:${login}/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'kept', password: 'a good password' }),
    });
    expect(register.status).toBe(201);

    const begun = Date.now();
    process.kill(-Number(npm.pid), 'SIGINT');
    await closed;
    expect(Date.now() - begun).toBeLessThan(10_000);
    expect(lines.at(-1)).toBe('Stopped');
    expect(processesOf(home)).toEqual([]);

    const offset = await start();
    const again = await fetch(`http://127.0.0.1:${8090 + offset}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'kept', password: 'a good password' }),
    });
    expect(again.status).toBe(200);
    const stopped = Date.now();
    // To npm alone, as a process manager would.
    npm.kill('SIGTERM');
    await closed;
    expect(Date.now() - stopped).toBeLessThan(10_000);
    expect(lines.at(-1)).toBe('Stopped');
    expect(processesOf(home)).toEqual([]);
  });
});
