import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { waitFor } from '@parley/testing';
import { expect, test } from 'vitest';
import type { Bus, ReadResult, ReceivedEvent } from './bus.js';
import { onEveryNats, sample, topic } from './test/fixture.js';

async function fill(bus: Bus, id: string, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, n) =>
    bus.publish(sample, id, { n }, { messageId: `${id}-${n}`, receiptsTo: '_INBOX.none.1' }),
  );
  for (const outcome of await Promise.all(all)) expect(outcome.ok).toBe(true);
}

const numbers = (events: readonly ReceivedEvent[]): readonly (number | undefined)[] =>
  events.map((event) => sample.decode(event)?.payload.n);

async function readOf(bus: Bus, subject: string, after: number, limit: number): Promise<ReadResult> {
  const found = await bus.read({ stream: 'EVENTS', subject, after, limit });
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

onEveryNats('stored events', (fixture) => {
  test('are read in order after a sequence, page by page', async () => {
    const bus = await fixture.connect();
    await fill(bus, 'pages', 500);
    const first = await readOf(bus, sample.subject('pages'), 0, 300);
    expect(numbers(first.events)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(first).toMatchObject({ more: true, firstSequence: 1 });
    const last = first.events.at(-1)?.sequence ?? 0;
    const second = await readOf(bus, sample.subject('pages'), last, 300);
    expect(numbers(second.events)).toEqual(Array.from({ length: 200 }, (_, n) => n + 300));
    expect(second.more).toBe(false);
    expect(second.events[1]).toMatchObject({
      kind: 'sample',
      id: 'pages',
      previous: second.events[0]?.sequence,
      receiptsTo: undefined,
    });
    expect(Math.abs((second.events[0]?.storedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect((await readOf(bus, sample.subject('pages'), last + 10_000, 10)).events).toEqual([]);
  });

  test('are read by wildcard, and by topic', async () => {
    const bus = await fixture.connect();
    for (const [id, n] of [
      ['chat.a', 1],
      ['chat.b', 2],
      ['news.a', 3],
    ] as const) {
      await bus.publish(topic, id, { n }, { messageId: `topic-${n}` });
    }
    const found = await bus.read({ stream: 'TOPICS', subject: topic.subject('chat.*'), after: 0, limit: 10 });
    expect(found).toMatchObject({ ok: true, value: { more: false, events: [{ id: 'chat.a' }, { id: 'chat.b' }] } });
  });

  test('are all read by wildcard, from the middle of what several subjects hold', async () => {
    const bus = await fixture.connect();
    const publish = async (id: string, n: number): Promise<number> => {
      const outcome = await bus.publish(topic, id, { n }, { messageId: `${id}-${n}` });
      if (!outcome.ok) throw new Error(outcome.error.message);
      return outcome.value.sequence;
    };
    // In different orders, since servers that count wrongly do so by the order of their own maps.
    for (let round = 0; round < 30; round++) {
      const id = `middle.${round}`;
      await publish(`${id}.b`, 1);
      await publish(`${id}.a`, 2);
      const after = await publish(`${id}.a`, 3);
      await publish(`${id}.a`, 4);
      await publish('elsewhere', round);
      await publish(`${id}.b`, 5);
      const read = (from: number) =>
        bus.read({ stream: 'TOPICS', subject: topic.subject(`${id}.*`), after: from, limit: 10 });
      const found = await read(after);
      if (!found.ok) throw new Error(found.error.message);
      expect(found.value.events.map((event) => topic.decode(event)?.payload.n)).toEqual([4, 5]);
      expect(found.value.more).toBe(false);
      const newest = found.value.events.at(-1)?.sequence ?? 0;
      expect(await read(newest)).toMatchObject({ ok: true, value: { events: [], more: false } });
    }
  });

  test('may be as large as the server takes them', async () => {
    const bus = await fixture.connect();
    const body = new Uint8Array(1_000_000).fill(7);
    for (const n of [1, 2]) await bus.publish(sample, 'large', { n }, { messageId: `large-${n}`, body });
    const found = await readOf(bus, sample.subject('large'), 0, 1);
    expect(found.more).toBe(true);
    expect(found.events[0]?.data.length).toBeGreaterThan(body.length);
    expect((await readOf(bus, sample.subject('large'), found.events[0]?.sequence ?? 0, 1)).more).toBe(false);
  });

  test('many reads at once all succeed and leave no consumers behind', async () => {
    const bus = await fixture.connect();
    await fill(bus, 'many', 50);
    const all = await Promise.all(Array.from({ length: 40 }, () => readOf(bus, sample.subject('many'), 0, 100)));
    for (const { events } of all) expect(events.length).toBe(50);
    const nc = await connect({ servers: fixture.nats.url });
    const manager = await jetstreamManager(nc);
    await waitFor(async () => (await manager.streams.info('EVENTS')).state.consumer_count === 0);
    await nc.close();
  });

  test('a position is that of a question asked after it was wanted', async () => {
    const bus = await fixture.connect();
    const before = await bus.position('EVENTS');
    const early = bus.position('EVENTS');
    await fill(bus, 'position', 3);
    const late = await Promise.all([bus.position('EVENTS'), bus.position('EVENTS')]);
    expect(before.ok && (await early).ok).toBe(true);
    for (const position of late) expect(position).toEqual({ ok: true, value: (before.ok ? before.value : 0) + 3 });
    expect(bus.epoch('EVENTS')).toMatch(/^\d{4}-/);
  });
});
