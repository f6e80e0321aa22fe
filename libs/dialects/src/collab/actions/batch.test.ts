import { ok, rooms } from '@parley/contracts';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { aConnection, aMember, message, operationOf } from '../../testing/collab.js';

const error = (code: number, details: object = {}) => ({ type: 'error', payload: { code, details } });

describe('batches', () => {
  const ping = (timestamp: number) => message('ping', { timestamp });
  const packed = (value: unknown) => gzipSync(JSON.stringify(value)).toString('base64');

  it.each([
    ['plain', (messages: unknown[]) => ({ messages, compressed: false })],
    ['packed', (messages: unknown[]) => ({ messages: packed(messages), compressed: true })],
  ])('UP13, UP14, UP15: a %s one is handled in order, each item as if alone', async (_, payloadOf) => {
    const harness = await aConnection();
    const nested = message('batch', { messages: [ping(9)], compressed: false });
    const items = [ping(1), { type: 'ping' }, 7, nested, message('operation', { operation: [], version: 0 }), ping(2)];
    const batch = message('batch', payloadOf(items), { acknowledgment: true });
    await harness.send(batch);
    expect(harness.take()).toMatchObject([
      { type: 'pong', payload: { timestamp: 1 } },
      error(3001, { field: 'payload.messages.1.id' }),
      error(3001, { field: 'payload.messages.2' }),
      error(3001, { field: 'payload.messages.3.type', messageId: nested.id }),
      error(3001, { field: 'payload.messages.4.payload.version' }),
      { type: 'pong', payload: { timestamp: 2 } },
      { type: 'ack', payload: { messageId: batch.id } },
    ]);
  });

  it('UP13: an item sees what those before it changed', async () => {
    const harness = await aConnection();
    harness.answer(rooms.submit, () => ok({ result: 'repeated', version: 6 }));
    const operation = operationOf(['a'], 5);
    const messages = [message('join_room', { roomId: 'notes' }), operation];
    await harness.send(message('batch', { messages, compressed: false }));
    await harness.settled();
    expect(harness.take()).toMatchObject([
      { type: 'room_joined' },
      { type: 'ack', payload: { messageId: operation.id, version: 6 } },
    ]);
  });

  it('UP13: an operation waits for the one before it', async () => {
    const { harness } = await aMember();
    harness.answer(rooms.submit, ({ baseVersion }) => ok({ result: 'repeated', version: baseVersion + 1 }));
    const operations = [operationOf(['a'], 5), operationOf(['b'], 6)];
    await harness.send(message('batch', { messages: operations, compressed: false }));
    expect(harness.log.map(({ kind }) => kind)).toEqual(['call', 'frame', 'call', 'frame']);
  });

  it.each([
    ['not gzip', Buffer.from('hello').toString('base64')],
    ['not JSON', gzipSync('hello').toString('base64')],
    ['no array', gzipSync('{}').toString('base64')],
    ['a bomb', gzipSync(Buffer.alloc(2_097_153, ' ')).toString('base64')],
  ])('UP14: %s is bad input', async (_, messages) => {
    const harness = await aConnection();
    const batch = message('batch', { messages, compressed: true });
    await harness.send(batch);
    expect(harness.log.at(-1)).toEqual({ kind: 'strike' });
    expect(harness.take()).toMatchObject([error(3001, { field: 'payload.messages', messageId: batch.id })]);
  });

  it('LM6: an operation that only fits when it is packed is too large all the same', async () => {
    const harness = await aConnection();
    const operation = operationOf('x'.repeat(1_048_577));
    await harness.send(message('batch', { messages: packed([operation]), compressed: true }));
    expect(harness.take()).toMatchObject([
      error(3001, { field: 'payload.messages.0.payload.operation', messageId: operation.id }),
    ]);
  });
});
