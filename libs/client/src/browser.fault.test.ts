import { road, startCluster, waitFor, type Cluster, type Road } from '@parley/testing';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { post, register } from './testing/accounts.js';
import { servePage } from './testing/serve-page.js';
import { isRecord } from './transport/check.js';

/** `WatchDevice` and `WatchViewer` in two real browsers, each behind a gateway of its own, with nothing between the two. */
const CHROMIUM = process.env['PARLEY_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
];
const SLOW_MS = 30_000;
/** A fake camera makes 20 frames a second or so. */
const SOME_FRAMES = 20;

let cluster: Cluster;
let browser: Browser;
let served: Awaited<ReturnType<typeof servePage>>;
const ends: (() => unknown)[] = [];
let count = 0;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`${CHROMIUM} is not there: apt-get install chromium, or name one in PARLEY_TEST_CHROMIUM`);
  }
  served = await servePage();
  cluster = await startCluster({ gateways: 2, env: { PARLEY_LOG_LEVEL: 'warn' } });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => {
  await browser.close();
  served.stop();
  await cluster.stop();
});

/** One that serves either, as `testing/watch-page.ts` has it. */
class Tab {
  private constructor(
    private readonly page: Page,
    readonly road: Road,
  ) {}

  static async open(gateway: number): Promise<Tab> {
    const way = await road(cluster.gateway(gateway).ports[0]);
    const context = await browser.newContext();
    ends.push(
      () => way.close(),
      () => context.close(),
    );
    const page = await context.newPage();
    await page.goto(served.url);
    return new Tab(page, way);
  }

  get url(): string {
    return `ws://127.0.0.1:${String(this.road.port)}`;
  }

  async run(name: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.page.evaluate(`${name}(...${JSON.stringify(args)})`);
  }

  async look(): Promise<Readonly<Record<string, unknown>>> {
    const look = await this.run('look');
    if (!isRecord(look)) throw new Error('the page says nothing');
    return look;
  }

  async until(what: string, is: (look: Readonly<Record<string, unknown>>) => boolean): Promise<void> {
    await waitFor(async () => is(await this.look()), what, SLOW_MS);
  }

  /** Some more than there are now. */
  async seesMore(): Promise<void> {
    const { frames } = await this.look();
    await this.until('more frames', (look) => Number(look['frames']) >= Number(frames) + SOME_FRAMES);
  }
}

interface Scene {
  readonly deviceId: string;
  readonly device: Tab;
  readonly viewer: Tab;
}

/** A device that is connected, and its owner who may watch it. */
async function scene(isShut = false): Promise<Scene> {
  const gateway = cluster.gateway(1).url;
  const { token } = await register(gateway);
  const deviceId = `tab-${process.pid.toString(36)}-${String((count += 1))}`;
  const { key } = await post(`${gateway}/devices`, { device_id: deviceId, device_name: 'A tab' }, token);
  const [device, viewer] = [await Tab.open(1), await Tab.open(2)];
  await device.run('beDevice', { url: device.url, deviceId, key }, isShut);
  await viewer.run('beViewer', { url: viewer.url, token });
  return { deviceId, device, viewer };
}

test('the picture comes directly, goes on without any signaling, survives a new ICE, and ends at both', async () => {
  const { deviceId, device, viewer } = await scene();
  await viewer.run('watch', deviceId);
  await viewer.seesMore();
  expect([(await viewer.look())['sessions'], (await device.look())['sessions']]).toEqual([
    ['connected'],
    ['connected'],
  ]);

  for (const tab of [device, viewer]) tab.road.cut();
  for (const tab of [device, viewer]) await tab.until('to be away', ({ status }) => status !== 'ready');
  await viewer.seesMore();
  for (const tab of [device, viewer]) tab.road.mend();
  for (const tab of [device, viewer]) await tab.until('to be back', ({ status }) => status === 'ready');

  const before = await viewer.look();
  await viewer.run('beginIceAnew');
  await viewer.until('the new offer', ({ ufrag }) => ufrag !== before['ufrag']);
  await viewer.seesMore();
  await viewer.until('to be connected', ({ sessions }) => String(sessions) === 'connected');

  await viewer.run('end');
  await device.until('the end', ({ sessions }) => String(sessions) === '');
  const [seen, shown] = [await viewer.look(), await device.look()];
  expect([seen['ends'], shown['ends']]).toEqual([['user_ended'], ['user_ended']]);
  expect([seen['errors'], shown['errors']]).toEqual([[], []]);
});

test('signaling is lost on both sides between offer and answer: the picture comes all the same', async () => {
  const { deviceId, device, viewer } = await scene(true);
  await viewer.run('watch', deviceId);
  for (const tab of [viewer, device]) {
    tab.road.cut();
    await tab.until('to be away', ({ status }) => status !== 'ready');
    tab.road.mend();
    await tab.until('to be back', ({ status }) => status === 'ready');
  }
  await device.run('openShutter');
  await viewer.seesMore();
  const [seen, shown] = [await viewer.look(), await device.look()];
  expect([seen['errors'], shown['errors']]).toEqual([[], []]);
});
