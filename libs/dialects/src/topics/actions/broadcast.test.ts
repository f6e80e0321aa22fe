import { fail, messaging, newMessageId, ok } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { Harness } from '../../testing/harness.js';
import { aConnection, aLogin } from '../../testing/topics.js';

const message = { type: 'Broadcast', data: { topic: 'chat.general', payload: { message: 'hi' } } };

/** A messaging service that knows which keys it has seen. */
function publishing(harness: Harness): void {
  const seen = new Set<string>();
  const messageId = newMessageId();
  harness.answer(messaging.publishTopic, ({ idempotencyKey }) => {
    const duplicate = idempotencyKey !== undefined && seen.has(idempotencyKey);
    if (idempotencyKey !== undefined) seen.add(idempotencyKey);
    return ok({ sequence: 1, messageId, sentAt: 1, duplicate });
  });
}

const ack = (id: string, recipients: number) => ({
  type: 'Ack',
  data: { message_id: id, status: 'delivered', recipients },
});

describe('Broadcast', () => {
  it('UP10, UP12, UP18: is published as it is and acknowledged with its receivers', async () => {
    const login = aLogin({ grants: { publish: [], subscribe: [] } });
    const harness = await aConnection(login);
    publishing(harness);
    harness.recipients = 42;
    await harness.send({ ...message, id: 'msg_123456', metadata: { priority: 'high' } });
    await harness.settled();
    const [published] = harness.calls('messaging.publish-topic');
    expect(published?.request).toMatchObject({
      actor: { type: 'user', userId: login.userId, grants: { publish: [], subscribe: [] } },
      topic: 'chat.general',
      format: 'json',
      metadata: { priority: 'high' },
      receiptsTo: 'receipts-of.evt.topic.chat.general',
    });
    expect(new TextDecoder().decode(published?.body)).toBe('{"message":"hi"}');
    expect(harness.take()).toEqual([ack('msg_123456', 42)]);
  });

  it('UP4: is silent without an id', async () => {
    const harness = await aConnection();
    publishing(harness);
    await harness.send(message);
    await harness.settled();
    expect(harness.take()).toEqual([]);
  });

  it.each([
    ['forbidden', 403],
    ['too_large', 400],
    ['unavailable', 503],
    ['internal', 500],
  ] as const)('ER6, ER9: %s answers %i, with and without an id', async (code, status) => {
    const harness = await aConnection();
    harness.answer(messaging.publishTopic, () => fail(code, 'why'));
    await harness.send({ ...message, id: 'm' });
    await harness.send(message);
    expect(harness.take()).toMatchObject([
      { type: 'Error', data: { code: status, details: { message_id: 'm' } } },
      { type: 'Error', data: { code: status } },
    ]);
    expect(harness.receiptsCancelled).toBe(1);
  });

  it('UP11: nothing waits for its receivers', async () => {
    const harness = await aConnection();
    publishing(harness);
    let release = (): void => undefined;
    harness.receiptsHeld = new Promise((resolve) => {
      release = resolve;
    });
    await harness.send({ ...message, id: 'slow' });
    await harness.send({ type: 'Ping', data: { timestamp: 1 } });
    expect(harness.take()).toMatchObject([{ type: 'Pong' }]);
    release();
    await harness.settled();
    expect(harness.take()).toEqual([ack('slow', 0)]);
  });

  it('UP19: sent again it gets the same answer, though others listen now', async () => {
    const harness = await aConnection();
    publishing(harness);
    harness.recipients = 3;
    await harness.send({ ...message, id: 'm' });
    await harness.settled();
    harness.recipients = 9;
    await harness.send({ ...message, id: 'm' });
    await harness.settled();
    expect(harness.take()).toEqual([ack('m', 3), ack('m', 3)]);
    expect(harness.receiptsCancelled).toBe(1);
  });

  it('UP19: sent again before it was answered it gets the same answer twice', async () => {
    const harness = await aConnection();
    publishing(harness);
    harness.recipients = 3;
    let release = (): void => undefined;
    harness.receiptsHeld = new Promise((resolve) => {
      release = resolve;
    });
    await harness.send({ ...message, id: 'm' });
    await harness.send({ ...message, id: 'm' });
    release();
    await harness.settled();
    expect(harness.take()).toEqual([ack('m', 3), ack('m', 3)]);
  });

  it('UP19: sent again over another connection it gets the same answer', async () => {
    const login = aLogin();
    const first = await aConnection(login);
    const second = await aConnection(login);
    publishing(first);
    first.recipients = 3;
    await first.send({ ...message, id: 'm' });
    await first.settled();
    for (const [key, value] of first.memory) second.memory.set(key, value);
    second.answer(messaging.publishTopic, () =>
      ok({ sequence: 1, messageId: newMessageId(), sentAt: 1, duplicate: true }),
    );
    await second.send({ ...message, id: 'm' });
    await second.settled();
    expect(second.take()).toEqual([ack('m', 3)]);
  });

  it('UP19: when its count is forgotten, none is made up', async () => {
    const harness = await aConnection();
    harness.answer(messaging.publishTopic, () =>
      ok({ sequence: 1, messageId: newMessageId(), sentAt: 1, duplicate: true }),
    );
    await harness.send({ ...message, id: 'm' });
    await harness.settled();
    expect(harness.take()).toEqual([{ type: 'Ack', data: { message_id: 'm', status: 'delivered' } }]);
  });

  it('UP20: an id used again for something else is another message', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    publishing(harness);
    await harness.send({ ...message, id: 'm' });
    await harness.send({ type: 'Broadcast', data: { topic: 'other', payload: { message: 'hi' } }, id: 'm' });
    await harness.send({ type: 'Broadcast', data: { topic: 'chat.general', payload: 'else' }, id: 'm' });
    await harness.settled();
    const keys = harness.calls('messaging.publish-topic').map(({ request }) => keyOf(request));
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) expect(String(key).length).toBeLessThanOrEqual(128);
  });
});

function keyOf(request: unknown): unknown {
  return typeof request === 'object' && request !== null && 'idempotencyKey' in request && request.idempotencyKey;
}
