import { compile } from '@parley/contracts';
import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, run, servePage } from './browser.js';
import { chatRoom, must, type ChatRoom } from './chat-room.js';
import { registerMany, type Person } from './people.js';

/** Two real browsers in a call, each behind a gateway of its own. */
const CONNECTED_MS = 30_000;
const GONE_BOUND_MS = 15_000;

const lookCheck = compile(
  Type.Object({
    polite: Type.Boolean(),
    state: Type.String(),
    packets: Type.Number(),
    descriptions: Type.Array(Type.String()),
    candidates: Type.Number(),
    collisions: Type.Number(),
    errors: Type.Array(Type.String()),
    voiceStates: Type.Array(
      Type.Object({ user_id: Type.String(), channel_id: Type.Union([Type.String(), Type.Null()]) }),
    ),
  }),
);
const iceCheck = compile(Type.Object({ iceServers: Type.Array(Type.Unknown()) }));

let cluster: Cluster;
let browser: Browser;
let pageUrl: string;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, env: { PARLEY_LOG_LEVEL: 'warn' } });
  ends.push(() => cluster.stop());
  browser = await openBrowser();
  ends.push(() => browser.close());
  const served = await servePage(new URL('./voice-call.page.html', import.meta.url));
  ends.push(() => {
    served.close();
  });
  pageUrl = served.url;
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** One user in a page, as `voice-call.page.html` has it. */
class Caller {
  private constructor(
    readonly person: Person,
    private readonly page: Page,
  ) {}

  /** Logged in on the gateway, in the channel, and able to answer. */
  static async join(gateway: number, person: Person, other: Person, { voiceId }: ChatRoom): Promise<Caller> {
    const { url, wsUrl } = cluster.gateway(gateway);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(pageUrl);
    await run(page, 'connect', { url: wsUrl, token: person.token, me: person.id, other: other.id });
    const ice = await must('GET', `${url}/ice-servers`, person.token);
    await run(page, 'prepare', iceCheck.is(ice) ? ice.iceServers : ice);
    await must('POST', `${url}/channels/${voiceId}/voice`, person.token, {});
    return new Caller(person, page);
  }

  /** Takes no signal until its own offer is out, so that two who do collide for certain. */
  async offerFirst(): Promise<void> {
    await run(this.page, 'offerFirst');
  }

  async speak(): Promise<void> {
    await run(this.page, 'speak');
  }

  async look() {
    const look = await run(this.page, 'look');
    if (!lookCheck.is(look)) throw new Error(`the page says ${JSON.stringify(look)}`);
    return look;
  }

  async isHearing(): Promise<boolean> {
    const { state, packets, errors } = await this.look();
    expect(errors).toEqual([]);
    return state === 'connected' && packets > 0;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** Two in one voice channel, the second through the second gateway. */
async function pair(): Promise<readonly [Caller, Caller, ChatRoom]> {
  const [alice, bob] = await registerMany(cluster.gateway(1).url, 2);
  if (alice === undefined || bob === undefined) throw new Error('nobody');
  const room = await chatRoom(cluster.gateway(1).url, [alice, bob]);
  return [await Caller.join(1, alice, bob, room), await Caller.join(2, bob, alice, room), room];
}

async function hearEachOther(callers: readonly Caller[]): Promise<void> {
  for (const caller of callers) {
    await waitFor(() => caller.isHearing(), `${caller.person.username} to hear the other`, CONNECTED_MS);
  }
}

test('two browsers on two gateways: offer, answer and candidates go over, and audio is heard on both ends', async () => {
  const [alice, bob] = await pair();
  await bob.speak();
  await hearEachOther([alice, bob]);
  const [heard, said] = [await alice.look(), await bob.look()];
  expect(heard.descriptions).toEqual(['offer']);
  expect(said.descriptions).toEqual(['answer']);
  for (const caller of [alice, bob]) {
    await waitFor(async () => (await caller.look()).candidates > 0, `${caller.person.username} to get candidates`);
  }
  await alice.close();
  await bob.close();
});

test('both offer at once: the smaller user id yields, and the call comes about', async () => {
  const [alice, bob] = await pair();
  for (const caller of [alice, bob]) await caller.offerFirst();
  await Promise.all([alice.speak(), bob.speak()]);
  await hearEachOther([alice, bob]);
  const [yielding, insisting] = alice.person.id < bob.person.id ? [alice, bob] : [bob, alice];
  expect(await yielding.look()).toMatchObject({ polite: true, collisions: 1, descriptions: ['offer'] });
  expect(await insisting.look()).toMatchObject({ polite: false, collisions: 1, descriptions: ['offer', 'answer'] });
  await alice.close();
  await bob.close();
});

test('a gateway killed under a user in a call: the others hear that the user has left, and nobody remains listed', async () => {
  const [alice, bob, { voiceId }] = await pair();
  await bob.speak();
  await hearEachOther([alice, bob]);
  const killedAt = performance.now();
  await cluster.kill('gateway-1');
  const hasLeft = async (): Promise<boolean> => {
    const { voiceStates } = await bob.look();
    return voiceStates.some(({ user_id, channel_id }) => user_id === alice.person.id && channel_id === null);
  };
  await waitFor(hasLeft, 'the one who was on it to have left', GONE_BOUND_MS);
  expect(performance.now() - killedAt).toBeLessThan(GONE_BOUND_MS);
  const listed = await must('GET', `${cluster.gateway(2).url}/channels/${voiceId}/voice`, bob.person.token);
  expect(listed).toMatchObject([{ user_id: bob.person.id }]);
  await bob.close();
});
