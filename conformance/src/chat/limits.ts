import { anInteger } from '../match.js';
import type { Scenario } from '../scenario.js';
import { check, enter, event, signalTo, strangers } from './steps.js';

/** Refilled while we send, so a bit more than the burst is needed to run dry. */
const MARGIN = 2;
/** Bursts until a flood is ended at the latest. */
const FLOOD_ROUNDS = 40;
/** Signals are taken one after the other, each with an answer from behind. */
const LIMITED_MS = 15_000;

export const limits: readonly Scenario[] = [
  {
    rules: ['LM1'],
    title:
      'beyond the rate a VOICE_SIGNAL is refused with rate_limited and retry_after_ms; heartbeats are answered still',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const { client } = await enter(context, alice);
      for (let n = 0; n < context.settings.limits.burst * MARGIN; n++) client.send(signalTo(bob, { n }));
      const limited = { code: 'rate_limited', op: 'VOICE_SIGNAL', retry_after_ms: anInteger };
      await client.eventually(event('ERROR', limited), LIMITED_MS);
      client.send({ op: 'HEARTBEAT' });
      await client.eventually({ op: 'HEARTBEAT_ACK' });
    },
  },
  {
    rules: ['LM2'],
    title: 'beyond the rate any other message closes with 1008, too many messages',
    async run(context) {
      const { client } = await enter(context, await context.user(), { gateway: 2 });
      for (let round = 0; round < FLOOD_ROUNDS && client.closed === undefined; round++) {
        for (let n = 0; n < context.settings.limits.burst; n++) client.sendText('{"op":"HEARTBEAT"}');
        await new Promise((resolve) => setImmediate(resolve));
      }
      const { closed } = await client.ended();
      check(closed.code === 1008, `closed with ${closed.code}`);
      check(closed.reason === 'too many messages', `the reason is "${closed.reason}"`);
    },
  },
];
