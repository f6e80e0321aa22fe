import type { Scenario } from '../scenario.js';
import { difference } from '../match.js';
import { check, enter, soFar } from './steps.js';

const PROBE_SECONDS = 30;
const SILENT_SECONDS = 75;
const ACK = { op: 'HEARTBEAT_ACK', t: null, d: null };

export const keepalive: readonly Scenario[] = [
  {
    rules: ['UP1', 'UP2'],
    title: 'HEARTBEAT answers HEARTBEAT_ACK, whatever stands beside its op',
    async run(context) {
      const { client } = await enter(context, await context.user(), { gateway: 2 });
      for (const more of [{}, { t: null }, { d: null }, { t: 'x', d: {} }, { d: { seq: 1 }, later: [1, 2] }]) {
        client.send({ op: 'HEARTBEAT', ...more });
        const frame = await client.expect(ACK);
        const differing = difference(ACK, frame.json, { exact: true });
        check(differing === undefined, differing ?? '', frame);
      }
    },
  },
  {
    rules: ['KA1'],
    title: 'after 30 s of silence a WebSocket ping comes, and no frame',
    waitsSeconds: PROBE_SECONDS + 5,
    async run(context) {
      const member = await enter(context, await context.user({ fresh: true }));
      const started = performance.now();
      await member.client.pinged(1, (PROBE_SECONDS + 5) * 1_000);
      const seconds = (performance.now() - started) / 1_000;
      check(seconds > PROBE_SECONDS - 3, `asked already after ${seconds.toFixed(1)} s of silence`);
      const [stray] = await soFar(member);
      check(stray === undefined, 'a frame came beside the ping', stray);
    },
  },
  {
    rules: ['KA2'],
    title: 'after 75 s without message or pong the connection is closed with 1001, heartbeat timeout',
    waitsSeconds: SILENT_SECONDS + 5,
    async run(context) {
      const { client } = await enter(context, await context.user({ fresh: true }), { answersPings: false });
      const started = performance.now();
      const { reason } = await client.expectClose(1001, (SILENT_SECONDS + 5) * 1_000);
      const seconds = (performance.now() - started) / 1_000;
      check(seconds > SILENT_SECONDS - 3, `closed already after ${seconds.toFixed(1)} s`);
      check(reason === 'heartbeat timeout', `the reason is "${reason}"`);
    },
  },
];
