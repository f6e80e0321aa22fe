import { aTime } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ack, ask, check, enter, expectNothing, fromServer, message } from './steps.js';

const PROBE_SECONDS = 30;
const SILENT_SECONDS = 75;

export const keepalive: readonly Scenario[] = [
  {
    rules: ['UP12', 'UP2'],
    title: 'ping answers pong with the same timestamp and the server’s time; asked for, the ack comes after it',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const timestamp of [1_234_567_890, 0, -1, 1.5, Date.now()]) {
        const pong = fromServer('pong', { timestamp, serverTime: aTime });
        await ask(member, message('ping', { timestamp }), pong);
        const asked = message('ping', { timestamp }, { acknowledgment: true });
        await ask(member, asked, pong);
        await member.client.expect(ack(asked.id));
      }
      await expectNothing(member, 'more was said');
    },
  },
  {
    rules: ['KA1'],
    title: 'after 30 s of silence a WebSocket ping comes, and no frame',
    waitsSeconds: PROBE_SECONDS + 3,
    async run(context) {
      const member = await enter(context, await context.user());
      const started = performance.now();
      await member.client.pinged(1, (PROBE_SECONDS + 3) * 1_000);
      const seconds = (performance.now() - started) / 1_000;
      check(seconds > PROBE_SECONDS - 3, `asked already after ${seconds.toFixed(1)} s of silence`);
      await expectNothing(member, 'a frame came');
    },
  },
  {
    rules: ['KA2'],
    title: 'after 75 s without message or pong the connection is closed with 1001, heartbeat timeout',
    waitsSeconds: SILENT_SECONDS + 5,
    async run(context) {
      const { client } = await enter(context, await context.user(), { answersPings: false });
      const { reason } = await client.expectClose(1001, (SILENT_SECONDS + 5) * 1_000);
      check(reason === 'heartbeat timeout', `the reason is "${reason}"`);
    },
  },
];
