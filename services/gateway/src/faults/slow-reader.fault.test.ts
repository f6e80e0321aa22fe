import { startCluster, waitFor, within, type Cluster } from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roomy } from './load.js';
import { metric } from './metrics.js';
import { register } from './people.js';
import { TopicsClient } from './topics-client.js';

const SLOW = 8;
const HARD_BYTES = 1_048_576;
const PAYLOAD = 'x'.repeat(65_536);
/** Far more than the kernel's buffers and the outboxes together take. */
const VOLUME = 96 * 1_048_576;
const STEP_MS = 5_000;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({
    env: {
      ...roomy,
      PARLEY_GATEWAY_OUTBOX_HARD_BYTES: String(HARD_BYTES),
      // Otherwise the publisher's own share of bytes, and not its readers, would set the pace.
      PARLEY_BYTES_PER_SECOND: '100000000',
      PARLEY_BYTE_BURST: '100000000',
    },
  });
});
afterAll(() => cluster.stop());

test('who stops reading is closed with 1013; a bystander on the same topic waits for nobody, and memory stays bounded', async () => {
  const { url, wsUrl, probesUrl } = cluster.gateway(1);
  const person = await register(url);
  const connect = () => TopicsClient.connect(wsUrl, person.token);
  const [publisher, bystander, ...slow] = await Promise.all(Array.from({ length: SLOW + 2 }, connect));
  if (publisher === undefined || bystander === undefined) throw new Error('too few');
  for (const client of [bystander, ...slow]) await client.subscribe(['stream']);
  const resuming = slow.slice(0, 2);
  const memory = () => metric(probesUrl, 'process_memory_usage_bytes');
  const closedForIt = () => metric(probesUrl, 'parley_slow_readers_total');

  // In lockstep: the next message is sent when the bystander has the last one. If it had to wait, this would stand still.
  const step = async (number: number): Promise<void> => {
    await publisher.must('Broadcast', { topic: 'stream', payload: `${String(number)} ${PAYLOAD}` });
    await waitFor(() => bystander.broadcasts.length > number, `message ${String(number)}`, STEP_MS);
  };
  let number = 0;
  for (; number < 20; number++) await step(number);
  const before = await memory();
  for (const client of slow) client.ws.pause();
  const from = number;
  let highest = before;
  while ((number - from) * PAYLOAD.length < VOLUME) {
    await step(number++);
    if (number % 20 !== 0) continue;
    highest = Math.max(highest, await memory());
    // Two of them read again as soon as they have been given up, and so learn why; the others never do.
    if ((await closedForIt()) === SLOW) for (const client of resuming) client.ws.resume();
  }
  expect(await closedForIt()).toBe(SLOW);
  for (const { closed } of resuming) {
    expect(await within(10_000, 'the close', closed)).toMatchObject({ code: 1013, reason: 'reads too slowly' });
  }
  expect(highest - before).toBeLessThan(VOLUME / 2);
  expect(await metric(probesUrl, 'parley_connections_active')).toBe(2);
  for (const [index, { payload }] of bystander.broadcasts.entries()) {
    expect(typeof payload === 'string' && payload.startsWith(`${String(index)} `)).toBe(true);
  }
}, 90_000);
