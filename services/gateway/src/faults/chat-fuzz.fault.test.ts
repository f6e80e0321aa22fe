import { compile } from '@parley/contracts';
import { waitFor, within } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { chatRoom, must } from './chat-room.js';
import { ChatThrower, newChatTally } from './fuzz/chat-thrower.js';
import { FuzzRig, SEED } from './fuzz/rig.js';
import { register } from './people.js';
import { textOf } from './topics-client.js';

const LANES = 16;

const createCheck = compile(
  Type.Object({ t: Type.Literal('MESSAGE_CREATE'), d: Type.Object({ content: Type.String() }) }),
);

let rig: FuzzRig;
let bystander: Bystander;

beforeAll(async () => {
  rig = await FuzzRig.start();
  bystander = await Bystander.start();
  await rig.settled(1);
});
afterAll(() => rig.stop());

/** Someone in a channel where one message follows the other, who has nothing to do with what goes on around. */
class Bystander {
  private running = true;
  private sent = 0;
  private readonly heard: string[] = [];
  private readonly done: Promise<void>;

  private constructor(
    ws: WebSocket,
    private readonly post: (content: string) => Promise<unknown>,
  ) {
    ws.on('message', (data) => {
      const message: unknown = JSON.parse(textOf(data));
      if (createCheck.is(message)) this.heard.push(message.d.content);
    });
    this.done = this.run();
    this.done.catch(() => undefined);
  }

  static async start(): Promise<Bystander> {
    const { wsUrl, url } = rig.cluster.gateway(1);
    const person = await register(url);
    const { textId } = await chatRoom(url, [person]);
    const ws = new WebSocket(`${wsUrl}/ws/chat?token=${person.token}`);
    await within(10_000, 'READY', new Promise((resolve) => ws.once('message', resolve)));
    return new Bystander(ws, (content) =>
      must('POST', `${url}/channels/${textId}/messages`, person.token, { content }),
    );
  }

  /** Returns how many messages came; fails unless it is every one, once and in order. */
  async stop(): Promise<number> {
    this.running = false;
    await this.done;
    await waitFor(() => this.heard.length >= this.sent, 'all that was posted');
    expect(this.heard).toEqual(Array.from({ length: this.sent }, (_, index) => String(index)));
    return this.sent;
  }

  private async run(): Promise<void> {
    while (this.running) await this.post(String(this.sent++));
  }
}

test(`20,000 hostile frames: each bad one closes with 4002, no crash, no leak, and a bystander misses nothing (seed ${String(SEED)})`, async () => {
  const { wsUrl } = rig.cluster.gateway(1);
  const userIds = rig.throwers.map(({ id }) => id);
  await rig.expectFlat([4_000, 8_000, 8_000], async (round, count) => {
    const tally = newChatTally();
    await rig.throwFrames(LANES, { round, count }, tally, (random, { token }) =>
      ChatThrower.live(wsUrl, token, tally, random, userIds),
    );
    expect(tally.bad).toBeGreaterThan(count / 6);
  });
  expect(await bystander.stop()).toBeGreaterThan(100);
}, 240_000);
