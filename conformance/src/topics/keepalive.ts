import { aTime } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ack, anId, ask, check, enter, expectNothing } from './steps.js';

const PROBE_SECONDS = 30;
const SILENT_SECONDS = 75;

export const keepalive: readonly Scenario[] = [
  {
    rules: ['UP5'],
    title: 'Ping answers Pong with the same timestamp, whatever number it is',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const timestamp of [1234567890, 0, -1, 1.5, Date.now()]) {
        await ask(member, { type: 'Ping', data: { timestamp } }, { type: 'Pong', data: { timestamp } });
      }
    },
  },
  {
    rules: ['UP2', 'UP3', 'UP5'],
    title: 'a Ping with an id gets its Pong first, then the Ack',
    async run(context) {
      const member = await enter(context, await context.user());
      const id = anId();
      await ask(member, { type: 'Ping', data: { timestamp: 5 }, id }, { type: 'Pong', data: { timestamp: 5 } });
      await member.client.expect(ack(id));
    },
  },
  {
    rules: ['UP5'],
    title: "a client's Pong is taken silently",
    async run(context) {
      const member = await enter(context, await context.user());
      member.client.send({ type: 'Pong', data: { timestamp: Date.now() } });
      await expectNothing(member, 'a Pong was answered');
    },
  },
  {
    rules: ['KA1', 'DN8'],
    title: 'after 30 s of silence a WebSocket ping and a Ping message come',
    waitsSeconds: PROBE_SECONDS + 5,
    async run(context) {
      const user = await context.user({ fresh: true });
      const { client } = await enter(context, user);
      const started = performance.now();
      await client.expect({ type: 'Ping', data: { timestamp: aTime } }, (PROBE_SECONDS + 5) * 1_000);
      const seconds = (performance.now() - started) / 1_000;
      check(seconds > PROBE_SECONDS - 3, `asked already after ${seconds.toFixed(1)} s of silence`);
      await client.pinged(1, 2_000);
    },
  },
  {
    rules: ['KA2'],
    title: 'after 75 s without message or pong the connection is closed with 1001, heartbeat timeout',
    waitsSeconds: SILENT_SECONDS + 5,
    async run(context) {
      const { client } = await enter(context, await context.user(), { answersPings: false });
      const started = performance.now();
      const { reason } = await client.expectClose(1001, (SILENT_SECONDS + 5) * 1_000);
      const seconds = (performance.now() - started) / 1_000;
      check(seconds > SILENT_SECONDS - 3, `closed already after ${seconds.toFixed(1)} s`);
      check(reason === 'heartbeat timeout', `the reason is "${reason}"`);
    },
  },
];
