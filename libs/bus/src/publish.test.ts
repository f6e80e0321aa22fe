import { ok } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { expect, test } from 'vitest';
import type { ReceivedEvent } from './bus.js';
import { cursor, onEveryNats, sample, topic } from './test/fixture.js';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

onEveryNats('events', (fixture) => {
  test('are stored, numbered and received with what came before on their subject', async () => {
    const [publisher, gateway] = [await fixture.connect(), await fixture.connect()];
    const received: ReceivedEvent[] = [];
    gateway.subscribe(sample.subject('one'), (event) => received.push(event));
    await gateway.flush();
    const sequences: number[] = [];
    for (const [id, n] of [
      ['one', 1],
      ['two', 2],
      ['one', 3],
    ] as const) {
      const published = await publisher.publish(sample, id, { n }, { messageId: `numbered-${n}` });
      if (published.ok) sequences.push(published.value.sequence);
    }
    await waitFor(() => received.length === 2);
    const [first, second] = received;
    expect(first).toMatchObject({ subject: 'evt.sample.one', kind: 'sample', id: 'one', sequence: sequences[0] });
    expect(second).toMatchObject({ sequence: sequences[2], previous: sequences[0], receiptsTo: undefined });
    expect(second === undefined ? undefined : sample.decode(second)?.payload).toEqual({ n: 3 });
  });

  test('carry bytes, a receipts subject and a trace; topics keep their dots', async () => {
    const bus = await fixture.connect();
    const received: ReceivedEvent[] = [];
    bus.subscribe('evt.topic.chat.*', (event) => received.push(event));
    await bus.flush();
    const body = new Uint8Array([1, 2, 3]);
    await bus.publish(topic, 'chat.general', { n: 1 }, { messageId: 'bytes', body, receiptsTo: '_INBOX.x.1' });
    await bus.publishEncoded(topic.ingress('chat.x'), new TextEncoder().encode('{"n":2}'), {
      messageId: 'encoded',
      traceparent: TRACE,
    });
    await waitFor(() => received.length === 2);
    const [first, second] = received;
    expect(first).toMatchObject({
      kind: 'topic',
      id: 'chat.general',
      receiptsTo: '_INBOX.x.1',
      traceparent: undefined,
    });
    const decoded = first === undefined ? undefined : topic.decode(first);
    expect([...(decoded?.body ?? [])]).toEqual([1, 2, 3]);
    expect(second).toMatchObject({ id: 'chat.x', traceparent: TRACE });
  });

  test('published twice under one message id are stored and received once', async () => {
    const bus = await fixture.connect();
    const received: ReceivedEvent[] = [];
    bus.subscribe(sample.subject('twice'), (event) => received.push(event));
    await bus.flush();
    const first = await bus.publish(sample, 'twice', { n: 1 }, { messageId: 'same' });
    const second = await bus.publish(sample, 'twice', { n: 1 }, { messageId: 'same' });
    await bus.publish(sample, 'twice', { n: 2 }, { messageId: 'other' });
    await waitFor(() => received.length >= 2);
    expect(first).toMatchObject({ value: { duplicate: false } });
    expect(second).toEqual(ok({ ...(first.ok ? first.value : {}), duplicate: true }));
    expect(received.map((event) => sample.decode(event)?.payload.n)).toEqual([1, 2]);
  });

  test('published without waiting are stored in the order of the calls', async () => {
    const bus = await fixture.connect();
    const received: number[] = [];
    bus.subscribe(sample.subject('order'), (event) => received.push(sample.decode(event)?.payload.n ?? -1));
    await bus.flush();
    const numbers = Array.from({ length: 5_000 }, (_, n) => n);
    const outcomes = await Promise.all(
      numbers.map((n) => bus.publish(sample, 'order', { n }, { messageId: `order-${n}` })),
    );
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    await waitFor(() => received.length === numbers.length);
    expect(received).toEqual(numbers);
  });

  test('beyond the bound, too large, or for no stream fail clearly', async () => {
    const bus = await fixture.connect({ maxPublications: 1 });
    const options = { deadlineMs: 300 };
    const one = bus.publish(sample, 'x', { n: 1 }, { ...options, messageId: 'bound-1' });
    const two = bus.publish(sample, 'x', { n: 2 }, { ...options, messageId: 'bound-2' });
    expect(await two).toMatchObject({ error: { code: 'unavailable' } });
    expect(await one).toMatchObject({ ok: true });
    const startedAt = performance.now();
    for (const bytes of [1_048_576, 1_048_400]) {
      const just = await bus.publishEncoded('in.events.sample.x', new Uint8Array(bytes), { messageId: String(bytes) });
      expect(just).toMatchObject({ error: { code: 'internal' } });
    }
    // At once: what can never be sent must not hold up the others.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    const large = new Uint8Array(2_000_000);
    expect(await bus.publishEncoded('in.events.sample.x', large, { ...options, messageId: 'large' })).toMatchObject({
      error: { code: 'internal' },
    });
    expect(
      await bus.publishEncoded('in.nowhere.x', large.subarray(0, 2), { ...options, messageId: 'no' }),
    ).toMatchObject({
      error: { code: 'timeout' },
    });
  });

  test('that are live are received and not stored', async () => {
    const bus = await fixture.connect();
    const received: ReceivedEvent[] = [];
    bus.subscribe(cursor.subject('doc'), (event) => received.push(event));
    const before = await bus.position('EVENTS');
    bus.emit(cursor, 'doc', { n: 4 });
    await waitFor(() => received.length === 1);
    expect(received[0]).toMatchObject({ kind: 'cursor', sequence: 0, previous: 0, storedAt: 0 });
    expect(await bus.position('EVENTS')).toEqual(before);
  });

  test('a handler that throws is logged and does not make the bus deaf', async () => {
    const bus = await fixture.connect();
    let calls = 0;
    bus.subscribe(cursor.subject('bad'), () => {
      calls++;
      throw new Error('handler');
    });
    bus.emit(cursor, 'bad', { n: 1 });
    bus.emit(cursor, 'bad', { n: 2 });
    await waitFor(() => calls === 2);
    expect(fixture.log.errors()).toEqual(['a handler of bus messages threw', 'a handler of bus messages threw']);
  });
});
