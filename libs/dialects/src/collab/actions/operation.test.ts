import { fail, ok, roomEvent, rooms } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { aConnection, aMember, anEvent, aRoomId, CHECKSUM, message, operationOf } from '../../testing/collab.js';

const error = (code: number, messageId: string, details: object = {}, recoverable?: boolean) => ({
  type: 'error',
  roomId: 'notes',
  payload: { code, details: { messageId, ...details }, ...(recoverable === undefined ? {} : { recoverable }) },
});

describe('operations', () => {
  it('UP9: go to the service as they were written', async () => {
    const { harness, login, connectionId } = await aMember();
    harness.answer(rooms.submit, () => ok({ result: 'accepted', version: 6 }));
    const { id } = operationOf([]);
    const text = '{ "n" : 1.0 , "é": "\\u0041" }';
    await harness.receive({
      data:
        `{"id":"${id}","type":"operation","version":1,"timestamp":1,"roomId":"notes","payload":` +
        `{"version":5,"operation": ${text} ,"checksum":"${CHECKSUM.toUpperCase()}"}}`,
      binary: false,
    });
    await harness.settled();
    const [call] = harness.calls('rooms.submit');
    expect(call?.request).toEqual({
      roomId: 'notes',
      userId: login.userId,
      connectionId,
      operationId: id,
      baseVersion: 5,
      checksum: CHECKSUM,
    });
    expect(new TextDecoder().decode(call?.body)).toBe(text);
  });

  it('UP3: are about the room that was joined last, unless they say which', async () => {
    const { harness } = await aMember(['plans', 'notes']);
    harness.answer(rooms.submit, () => ok({ result: 'accepted', version: 6 }));
    await harness.send(operationOf([]));
    await harness.send(operationOf([], 1, { roomId: 'plans' }));
    await harness.send(message('join_room', { roomId: 'plans' }));
    await harness.send(operationOf([]));
    await harness.send(message('leave_room', { roomId: 'plans' }));
    await harness.send(operationOf([]));
    expect(harness.calls('rooms.submit')).toMatchObject(
      ['notes', 'plans', 'plans', 'notes'].map((roomId) => ({ request: { roomId } })),
    );
  });

  it('UP3: without any room there is nothing to change', async () => {
    const harness = await aConnection();
    const operation = operationOf([]);
    await harness.send(operation);
    expect(harness.take()).toMatchObject([
      { type: 'error', payload: { code: 3001, details: { messageId: operation.id, field: 'roomId' } } },
    ]);
  });

  it('UP9: do not hold up what comes after them', async () => {
    const { harness } = await aMember();
    harness.answer(rooms.submit, () => fail('unavailable', 'away'));
    const operation = operationOf([]);
    await Promise.all([harness.send(operation), harness.send(message('ping', { timestamp: 1 }))]);
    await harness.settled();
    expect(harness.take()).toMatchObject([{ type: 'pong' }, error(5002, operation.id, {}, true)]);
  });

  it('UP10, DN5: are acknowledged by their event and not by their answer, whichever comes first', async () => {
    const { harness, login, connectionId } = await aMember();
    harness.answer(rooms.submit, () => ok({ result: 'accepted', version: 6 }));
    const [first, second] = [operationOf([]), operationOf([])];
    const applied = (id: string, version: number) => {
      const operation = { id, userId: login.userId, connectionId, baseVersion: 5, version, length: 2 };
      return anEvent(roomEvent, aRoomId(), { type: 'operations', operations: [operation] }, { sequence: 41 });
    };
    await harness.send(first);
    await harness.settled();
    await harness.observe(applied(first.id, 6));
    await harness.send(second);
    await harness.observe(applied(second.id, 6));
    await harness.settled();
    expect(harness.take()).toEqual([]);
    await harness.send(message('join_room', { roomId: 'notes' }));
    expect(harness.take()).toMatchObject([{ type: 'room_joined' }]);
  });

  it('UP11: sent again are acknowledged with their first version', async () => {
    const { harness } = await aMember();
    harness.answer(rooms.submit, () => ok({ result: 'repeated', version: 3 }));
    const operation = operationOf([], 1, { acknowledgment: true });
    await harness.send(operation);
    await harness.settled();
    expect(harness.take()).toMatchObject([
      { type: 'ack', roomId: 'notes', payload: { messageId: operation.id, version: 3 } },
    ]);
  });

  it('UP10: are acknowledged by their answer when the room was joined past them', async () => {
    const { harness } = await aMember();
    harness.answer(rooms.submit, () => ok({ result: 'accepted', version: 4 }));
    const operation = operationOf([]);
    await harness.send(operation);
    await harness.settled();
    expect(harness.take()).toMatchObject([{ type: 'ack', payload: { messageId: operation.id, version: 4 } }]);
  });
});

describe('refusals', () => {
  it('ER6: names what in the operation does not fit', async () => {
    const { harness } = await aMember();
    harness.answer(rooms.submit, () => fail('invalid', 'expected a number', { field: 'operation.1' }));
    const operation = operationOf([1, {}]);
    await harness.send(operation);
    await harness.settled();
    expect(harness.take()).toMatchObject([error(3001, operation.id, { field: 'payload.operation.1' }, false)]);
  });

  it('ER7: a base version that is not at hand is told with the one that is', async () => {
    const { harness } = await aMember();
    harness.answer(rooms.submit, () => ok({ result: 'version_mismatch', currentVersion: 7 }));
    const operation = operationOf([], 99);
    await harness.send(operation);
    await harness.settled();
    expect(harness.take()).toMatchObject([error(3002, operation.id, { currentVersion: 7 }, true)]);
  });

  it.each([CHECKSUM, 'deadbeef', ''])('ER8: a wrong checksum (%j) is told', async (checksum) => {
    const { harness } = await aMember();
    harness.answer(rooms.submit, () => ok({ result: 'checksum_failed' }));
    const operation = message('operation', { operation: [], version: 1, checksum });
    await harness.send(operation);
    await harness.settled();
    expect(harness.take()).toMatchObject([error(3003, operation.id, {}, true)]);
  });

  it('ER5: who has not joined the room may not change it', async () => {
    const { harness } = await aMember(['plans']);
    harness.answer(rooms.submit, () => fail('conflict', 'not joined'));
    const operation = operationOf([], 1, { roomId: 'notes' });
    await harness.send(operation);
    await harness.settled();
    expect(harness.take()).toMatchObject([error(2003, operation.id, {}, false)]);
  });

  it('DN12: who has joined, and is not there for the service, is told to join again', async () => {
    const { harness } = await aMember();
    harness.answer(rooms.submit, () => fail('conflict', 'not joined'));
    const [first, second] = [operationOf([]), operationOf([])];
    await Promise.all([harness.send(first), harness.send(second)]);
    await harness.settled();
    // Once for the room, whichever operation found out.
    expect(harness.take()).toMatchObject([
      error(5002, first.id, {}, true),
      error(5002, second.id, {}, true),
      { type: 'error', roomId: 'notes', payload: { code: 5002, details: {} } },
    ]);
  });

  it('DN12: an operation of before says nothing about a room that was joined again', async () => {
    const { harness } = await aMember();
    harness.answer(rooms.submit, () => {
      const data = JSON.stringify(message('join_room', { roomId: 'notes' }));
      harness.session.received({ data, binary: false });
      return fail('conflict', 'not joined');
    });
    const operation = operationOf([]);
    await harness.send(operation);
    await harness.settled();
    expect(harness.take()).toMatchObject([error(5002, operation.id)]);
  });

  it.each([
    [fail('forbidden', 'viewer'), 2003],
    [fail('not_found', 'gone'), 2001],
    [fail('invalid', 'beyond the end', { field: 'operation' }), 3001],
    [fail('too_large', 'document'), 3001],
    [fail('queue_full', 'busy'), 5002],
    [fail('timeout', 'slow'), 5002],
    [fail('internal', 'secret'), 5001],
  ] as const)('ER5, ER6, ER9: %j', async (refused, code) => {
    const { harness } = await aMember();
    harness.answer(rooms.submit, () => refused);
    const operation = operationOf([]);
    await harness.send(operation);
    await harness.settled();
    expect(harness.take()).toMatchObject([error(code, operation.id)]);
  });
});
