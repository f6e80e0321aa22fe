import { CollaborativeClient } from '@parley/client';
import { textType } from '@parley/ot/text';
import { road, startCluster, waitFor, type Cluster, type Road } from '@parley/testing';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { serveApp } from './testing/serve-app.js';

/** The hooks in real browsers, against a real cluster. */
const CHROMIUM = process.env['PARLEY_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
];
const SLOW_MS = 15_000;

interface Account {
  readonly id: string;
  readonly token: string;
}

let cluster: Cluster;
let browser: Browser;
let app: Awaited<ReturnType<typeof serveApp>>;
const ends: (() => unknown)[] = [];
let count = 0;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`${CHROMIUM} is not there: apt-get install chromium, or name one in PARLEY_TEST_CHROMIUM`);
  }
  app = await serveApp();
  cluster = await startCluster({ gateways: 2, env: { PARLEY_LOG_LEVEL: 'warn' } });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => {
  await browser.close();
  app.stop();
  await cluster.stop();
});

async function post(path: string, body: unknown, token = ''): Promise<Readonly<Record<string, unknown>>> {
  const headers = { 'Content-Type': 'application/json', ...(token === '' ? {} : { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`${cluster.gateway(1).url}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (!response.ok || !isRecord(answer)) throw new Error(`${path} answered ${JSON.stringify(answer)}`);
  return answer;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

async function register(): Promise<Account> {
  const username = `react_${process.pid.toString(36)}_${String((count += 1))}`;
  const { access_token: token, user } = await post('/auth/register', { username, password: 'correct horse battery' });
  if (typeof token !== 'string' || !isRecord(user) || typeof user['id'] !== 'string') throw new Error('no account');
  return { id: user['id'], token };
}

async function createRoom({ token }: Account, content: string): Promise<string> {
  const { id } = await post('/rooms', { type: 'text', content, public: true }, token);
  return String(id);
}

async function roadTo(gateway: number): Promise<Road> {
  const made = await road(cluster.gateway(gateway).ports[0]);
  ends.push(() => made.close());
  return made;
}

/** The app in a page of its own, with the document there. */
async function open({ token }: Account, { port }: Road, room: string, other?: string): Promise<Page> {
  const context = await browser.newContext();
  ends.push(() => context.close());
  const page = await context.newPage();
  const query = new URLSearchParams({
    url: `ws://127.0.0.1:${String(port)}`,
    token,
    room,
    ...(other === undefined ? {} : { other }),
  });
  await page.goto(`${app.url}?${query.toString()}`);
  await page.locator('#text:enabled').waitFor({ timeout: SLOW_MS });
  return page;
}

async function textOf(page: Page): Promise<string> {
  return page.locator('#text').inputValue();
}

async function shows(page: Page, text: string): Promise<void> {
  await waitFor(async () => (await textOf(page)) === text, `the page to show ${text}`, SLOW_MS);
}

async function state(page: Page, expected: RegExp): Promise<void> {
  await waitFor(
    async () => expected.test(await page.locator('#state').innerText()),
    `state ${String(expected)}`,
    SLOW_MS,
  );
}

async function saved(page: Page): Promise<void> {
  await waitFor(async () => (await page.locator('#pending').innerText()) === '0', 'everything to be saved', SLOW_MS);
}

/** Where a cursor is put, and then typed. */
async function typeAt(page: Page, position: 'Home' | 'End', text: string): Promise<void> {
  await page.locator('#text').press(position);
  await page.locator('#text').pressSequentially(text);
}

async function seen(page: Page): Promise<Readonly<Record<string, unknown>>> {
  const found: unknown = await page.evaluate('seen');
  if (!isRecord(found)) throw new Error('the page says nothing');
  return found;
}

async function node(account: Account, room: string, gateway = 2): Promise<CollaborativeClient> {
  const client = new CollaborativeClient({
    url: cluster.gateway(gateway).wsUrl,
    token: account.token,
    types: [textType],
    WebSocket,
  });
  ends.push(() => client.disconnect());
  void client.connect();
  await client.joinRoom(room);
  return client;
}

test('two pages edit one text, one goes offline, comes back, and they converge; undo is of each page', async () => {
  const [ann, ben] = [await register(), await register()];
  const room = await createRoom(ann, 'text');
  const link = await roadTo(1);
  const [one, two] = [await open(ann, link, room), await open(ben, await roadTo(2), room)];
  await typeAt(one, 'End', ' one');
  await shows(two, 'text one');

  await one.context().setOffline(true);
  link.cut();
  await state(one, /unavailable|connecting/);
  await typeAt(one, 'End', ' offline');
  await typeAt(two, 'Home', 'meanwhile ');
  expect([await textOf(one), await textOf(two)]).toEqual(['text one offline', 'meanwhile text one']);

  link.mend();
  await one.context().setOffline(false);
  await state(one, /connected/);
  for (const page of [one, two]) await shows(page, 'meanwhile text one offline');
  await two.locator('#undo').click();
  for (const page of [one, two]) await shows(page, 'text one offline');
  await saved(one);
  const [first, second] = [await seen(one), await seen(two)];
  expect([first['errors'], second['errors']]).toEqual([[], []]);
});

test('both type at the same time, over broken connections: the same text in both, every letter once', async () => {
  const [ann, ben] = [await register(), await register()];
  const room = await createRoom(ann, '|');
  const links = [await roadTo(1), await roadTo(2)] as const;
  const [one, two] = [await open(ann, links[0], room), await open(ben, links[1], room)];
  const typing = [typeAt(one, 'Home', 'abcdefghijklmnopqrstuvwxyz'), typeAt(two, 'End', '0123456789')];
  await waitFor(async () => (await textOf(one)).includes('1'), 'the first letters', SLOW_MS);
  links[0].leadTo(cluster.gateway(2).ports[0]);
  links[1].leadTo(cluster.gateway(1).ports[0]);
  await Promise.all(typing);
  for (const page of [one, two]) {
    await state(page, /connected/);
    await saved(page);
  }
  await waitFor(async () => (await textOf(one)) === (await textOf(two)), 'one text', SLOW_MS);
  expect(
    Array.from(await textOf(one))
      .sort()
      .join(''),
  ).toBe('0123456789abcdefghijklmnopqrstuvwxyz|');
});

test('StrictMode opens one socket, and a page that goes leaves the room', async () => {
  const [ann, ben] = [await register(), await register()];
  const room = await createRoom(ann, '');
  const watcher = await node(ben, room);
  const page = await open(ann, await roadTo(1), room);
  expect(await seen(page)).toMatchObject({ sockets: 1, errors: [] });
  await waitFor(() => watcher.room?.participants.length === 2, 'the page', SLOW_MS);
  await page.close();
  await waitFor(() => watcher.room?.participants.length === 1, 'the page to be gone', SLOW_MS);
});

test('cursors render who shows them and nobody else, and those of another document render nobody', async () => {
  const [ann, ben] = [await register(), await register()];
  const [room, other] = [await createRoom(ann, ''), await createRoom(ann, '')];
  const page = await open(ann, await roadTo(1), room, other);
  const [here, elsewhere] = [await node(ben, room), await node(ben, other)];
  await waitFor(async () => (await page.locator('#people').innerText()).startsWith('2'), 'both people', SLOW_MS);
  // Whatever was under way is rendered when a change that came after it is.
  here.updateCursor({ x: 1, y: 0 });
  await waitFor(async () => (await page.locator('#people').innerText()) === '2 at 1', 'the cursor', SLOW_MS);
  const before = await seen(page);

  for (let x = 1; x <= 20; x++) {
    elsewhere.updateCursor({ x, y: 0 });
    await waitFor(async () => (await cursorElsewhere(page)) === x, 'the page to know the cursor elsewhere', SLOW_MS);
  }
  expect(await seen(page)).toEqual(before);

  for (let x = 2; x <= 10; x++) {
    here.updateCursor({ x, y: 0 });
    await waitFor(
      async () => (await page.locator('#people').innerText()) === `2 at ${String(x)}`,
      'the cursor',
      SLOW_MS,
    );
  }
  const after = await seen(page);
  expect(after['editor']).toBe(before['editor']);
  expect(after['people']).toBe(Number(before['people']) + 9);
});

/** The page has joined the other room, though nothing of it is shown. */
async function cursorElsewhere(page: Page): Promise<unknown> {
  return page.evaluate(
    '[...(client.getRoom(new URLSearchParams(location.search).get("other"))?.cursors.values() ?? [])][0]?.x',
  );
}
