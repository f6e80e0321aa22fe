import { compile } from '@parley/contracts';
import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { Type, type Static } from '@sinclair/typebox';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, run, servePage } from './browser.js';
import { must } from './chat-room.js';
import { startCoturn, turnPassword } from './coturn.js';
import { register, type Person } from './people.js';

/** Two real browsers and a real TURN server: what Parley passes on and issues has to be enough for a picture. */
const SECRET = 'shared with the TURN server';
const CONNECTED_MS = 30_000;
/** More than a moment's worth of the made-up camera. */
const FRAMES = 30;
/** The device's page asks for its camera and gets its addresses with it; the viewer's would hide its own. */
const SHOW_ADDRESSES = '--disable-features=WebRtcHideLocalIpsWithMdns';

const Text = Type.String();
const IceServer = Type.Object({
  urls: Type.Union([Text, Type.Array(Text)]),
  username: Type.Optional(Text),
  credential: Type.Optional(Text),
});
const Look = Type.Object({
  session: Type.Optional(Text),
  state: Text,
  frames: Type.Number(),
  /** Candidate types of the pair in use: ours, theirs. */
  path: Type.Array(Text),
  fragment: Text,
  types: Type.Array(Text),
  reasons: Type.Array(Text),
  errors: Type.Array(Text),
  iceServers: Type.Array(IceServer),
});
const lookCheck = compile(Look);
const probeCheck = compile(Type.Object({ relays: Type.Number(), refusals: Type.Array(Type.Number()) }));
const madeCheck = compile(Type.Object({ key: Text }));

let cluster: Cluster;
let browser: Browser;
let pageUrl: string;
let owner: Person;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const coturn = await startCoturn(SECRET);
  ends.push(() => coturn.process.stop());
  const turn = { PARLEY_TURN_URLS: coturn.urls.join(','), PARLEY_TURN_SECRET: SECRET };
  cluster = await startCluster({ gateways: 2, envOf: { signaling: turn } });
  ends.push(() => cluster.stop());
  browser = await openBrowser(SHOW_ADDRESSES);
  ends.push(() => browser.close());
  const served = await servePage(new URL('./watch-call.page.html', import.meta.url));
  ends.push(() => {
    served.close();
  });
  pageUrl = served.url;
  owner = await register(cluster.gateway(1).url);
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

type Transport = 'all' | 'relay';

/** A device or a viewer in a page, as `watch-call.page.html` has it. */
class Watcher {
  private constructor(
    private readonly role: 'device' | 'viewer',
    private readonly hello: object,
    private readonly transport: Transport,
    private readonly page: Page,
  ) {}

  static async open(role: 'device' | 'viewer', hello: object, transport: Transport): Promise<Watcher> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(pageUrl);
    return new Watcher(role, hello, transport, page);
  }

  async connect(gateway: number, more: object = {}): Promise<void> {
    const { wsUrl: url } = cluster.gateway(gateway);
    const hello = { ...this.hello, ...more };
    await run(this.page, 'connect', { url, as: this.role, hello, transport: this.transport });
  }

  async do(what: 'watch' | 'renegotiate' | 'end', argument?: unknown): Promise<void> {
    await run(this.page, what, argument);
  }

  async look(): Promise<Static<typeof Look>> {
    const look = await run(this.page, 'look');
    if (!lookCheck.is(look)) throw new Error(`the page says ${JSON.stringify(look)}`);
    expect(look.errors).toEqual([]);
    return look;
  }

  /** So many frames more than there are now. */
  async seesMore(frames: number): Promise<void> {
    const before = (await this.look()).frames;
    await waitFor(async () => (await this.look()).frames >= before + frames, 'more of the picture', CONNECTED_MS);
  }

  async probe(iceServers: readonly object[]) {
    const found = await run(this.page, 'probe', iceServers);
    if (!probeCheck.is(found)) throw new Error(`the page says ${JSON.stringify(found)}`);
    return found;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** A device on the first gateway, whose owner watches it from the second. */
async function watching(deviceId: string, transport: Transport): Promise<readonly [Watcher, Watcher]> {
  const made = await must('POST', `${cluster.gateway(1).url}/devices`, owner.token, {
    device_id: deviceId,
    device_name: 'A camera',
  });
  if (!madeCheck.is(made)) throw new Error('no key');
  const device = await Watcher.open('device', { device_id: deviceId, key: made.key }, transport);
  const viewer = await Watcher.open('viewer', { token: owner.token }, transport);
  await device.connect(1);
  await viewer.connect(2);
  await viewer.do('watch', deviceId);
  await waitFor(async () => (await viewer.look()).frames >= FRAMES, 'a picture', CONNECTED_MS);
  for (const watcher of [device, viewer]) expect(await watcher.look()).toMatchObject({ state: 'connected' });
  return [device, viewer];
}

test('directly: the picture comes, and ends for both', async () => {
  const [device, viewer] = await watching('direct', 'all');
  for (const watcher of [device, viewer]) expect((await watcher.look()).path).not.toContain('relay');
  await viewer.do('end');
  await waitFor(async () => (await device.look()).reasons.length > 0, 'the device to hear of the end');
  expect([(await device.look()).reasons, (await viewer.look()).reasons]).toEqual([['user_ended'], ['user_ended']]);
  for (const watcher of [device, viewer]) await watcher.close();
});

test('through a real TURN server with what Parley issued; it refuses what has expired and what another secret made', async () => {
  const [device, viewer] = await watching('relayed', 'relay');
  const looks = [await device.look(), await viewer.look()] as const;
  for (const { path } of looks) expect(path[0]).toBe('relay');
  const issued = looks.map(({ iceServers: [server] }) => server);
  const [ofDevice, ofViewer] = issued;
  const names = issued.map((server) => server?.username?.split(':')[1]);
  expect(names).toEqual([
    `device_relayed_${String(looks[0].session)}`,
    `viewer_${owner.id}_${String(looks[1].session)}`,
  ]);
  if (ofDevice === undefined || ofViewer?.username === undefined) throw new Error('no TURN server was named');
  expect(ofViewer.credential).toBe(turnPassword(SECRET, ofViewer.username));

  const refused = { relays: 0, refusals: [401] };
  for (const server of [ofDevice, ofViewer]) expect((await viewer.probe([server])).relays).toBeGreaterThan(0);
  const expiry = Number.parseInt(ofViewer.username, 10);
  expect(Math.abs(expiry - (Date.now() / 1_000 + 3_600))).toBeLessThan(120);
  const expired = ofViewer.username.replace(String(expiry), String(expiry - 3_700));
  const { urls, username } = ofViewer;
  expect(await viewer.probe([{ urls, username: expired, credential: turnPassword(SECRET, expired) }])).toEqual(refused);
  const foreign = turnPassword('another secret', username);
  expect(await viewer.probe([{ urls, username, credential: foreign }])).toEqual(refused);
  const lent = { urls, username, credential: ofDevice.credential };
  expect(await viewer.probe([lent])).toEqual(refused);
  for (const watcher of [device, viewer]) await watcher.close();
});

test('gateways are killed under it: the picture goes on, and who returns can signal again', async () => {
  const [device, viewer] = await watching('through', 'all');
  const { session, fragment } = await viewer.look();
  await cluster.kill('gateway-2');
  await viewer.seesMore(FRAMES);
  await viewer.connect(1, { sessions: [session] });
  await viewer.do('renegotiate');
  await waitFor(async () => (await viewer.look()).fragment !== fragment, 'a second answer', CONNECTED_MS);
  await viewer.seesMore(FRAMES);
  await cluster.kill('gateway-1');
  await viewer.seesMore(FRAMES);
  for (const watcher of [device, viewer]) {
    expect(await watcher.look()).toMatchObject({ state: 'connected', reasons: [], session });
    await watcher.close();
  }
});
