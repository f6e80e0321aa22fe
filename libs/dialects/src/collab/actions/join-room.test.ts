import {
  fail,
  newConnectionId,
  newUserId,
  ok,
  roomEvent,
  rooms,
  type ConnectionId,
  type RoomEvent,
  type UserId,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import {
  aConnection,
  aJoinReply,
  aLogin,
  aMember,
  anEvent,
  aParticipant,
  aRoomId,
  CHECKSUM,
  message,
  operationOf,
} from '../../testing/collab.js';

const anyText: unknown = expect.any(String);
const join = (roomId: string, over: object = {}, base: object = {}) => message('join_room', { roomId, ...over }, base);
const event = (payload: RoomEvent, sequence: number) => anEvent(roomEvent, aRoomId(), payload, { sequence });
const subjects = ['evt.room.notes', 'evt.room-cursor.notes', 'evt.room-selection.notes'];
const error = (code: number) => ({ type: 'error', roomId: 'notes', payload: { code } });

function operationsOf(
  connectionId: ConnectionId,
  userId: UserId,
  ...applied: (readonly [string, number])[]
): RoomEvent {
  const operations = applied.map(([id, version]) => ({ id, userId, connectionId, baseVersion: 1, version, length: 2 }));
  return { type: 'operations', operations };
}

describe('joining', () => {
  it('UP4, DN1, DN2: listens, asks, tells, and skips what the answer says already', async () => {
    const [login, connectionId] = [aLogin(), newConnectionId()];
    const harness = await aConnection(login, { connectionId });
    const participant = aParticipant({ userId: login.userId, connectionId });
    harness.answer(rooms.join, () => ok(aJoinReply({ participant, participants: [participant] })));
    const asked = join('notes', {}, { acknowledgment: true });
    await harness.send(asked);
    expect(harness.log.map(({ kind }) => kind)).toEqual(['join', 'call', 'frame', 'skip', 'frame']);
    expect(harness.log[0]).toEqual({ kind: 'join', requests: subjects.map((subject) => ({ subject })) });
    expect(harness.log[3]).toEqual({ kind: 'skip', subject: 'evt.room.notes', upTo: 40 });
    const { userId, username } = login;
    expect(harness.calls('rooms.join').map(({ request }) => request)).toEqual([
      { roomId: 'notes', userId, username, connectionId, gatewayId: anyText },
    ]);
    const [joined, ack] = harness.take();
    expect(joined).toEqual({
      id: anyText,
      type: 'room_joined',
      version: 1,
      timestamp: harness.now,
      roomId: 'notes',
      payload: {
        roomId: 'notes',
        participants: [participant],
        documentState: { type: 'text', checksum: CHECKSUM, content: 'hello' },
        version: 5,
        recovered: false,
      },
    });
    expect(ack).toMatchObject({ type: 'ack', payload: { messageId: asked.id } });
  });

  it('DN3: a client that was here before gets what it missed, and no content', async () => {
    const harness = await aConnection();
    const missed = { id: 'm1', userId: newUserId(), baseVersion: 3, version: 4, operation: '[ 1.0 ]' };
    harness.answer(rooms.join, () =>
      ok(aJoinReply({ state: { kind: 'operations', operations: [missed] }, version: 4 })),
    );
    await harness.send(join('notes', { lastSyncVersion: 3 }));
    expect(harness.calls('rooms.join')).toMatchObject([{ request: { since: 3 } }]);
    const [joined] = harness.take();
    expect(joined).toMatchObject({
      payload: {
        version: 4,
        recovered: true,
        operations: [{ id: 'm1', userId: missed.userId, version: 3, transformedVersion: 4, operation: [1] }],
      },
    });
    expect(joined).toHaveProperty('payload.documentState', { type: 'text', checksum: CHECKSUM });
  });

  it('UP4: who has version 0 has nothing yet', async () => {
    const harness = await aConnection();
    harness.answer(rooms.join, () => ok(aJoinReply()));
    await harness.send(join('notes', { lastSyncVersion: 0 }));
    expect(harness.calls('rooms.join')[0]?.request).not.toHaveProperty('since');
  });

  it('DN11: a long document is fetched in pieces and told whole, and then its reader is waited for', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    const content = { kind: 'pieces', count: 3 } as const;
    harness.answer(rooms.join, () => ok(aJoinReply({ state: { kind: 'content', content } })));
    harness.answer(rooms.content, ({ piece }) => ok({ text: ['"on', 'ce u', 'pon"'][piece] ?? '' }));
    await harness.send(join('notes'));
    expect(harness.calls('rooms.content').map(({ request }) => request)).toEqual(
      [0, 1, 2].map((piece) => ({ actorId: login.userId, roomId: 'notes', version: 5, piece })),
    );
    expect(harness.take()).toMatchObject([{ payload: { documentState: { content: 'once upon' } } }]);
    harness.flushed = false;
    await harness.send(join('notes'));
    expect(harness.log.at(-1)).toEqual({ kind: 'close', code: 1013, reason: 'reads too slowly' });
  });

  it.each([
    [fail('not_found', 'no'), 2001],
    [fail('full', 'no'), 2002],
    [fail('limit_exceeded', 'no'), 1003],
    [fail('unavailable', 'no'), 5002],
    [fail('timeout', 'no'), 5002],
    [fail('internal', 'no'), 5001],
  ] as const)('ER5, LM5, ER9: %j is told, and nothing is listened to any more', async (refused, code) => {
    const harness = await aConnection();
    harness.answer(rooms.join, () => refused);
    await harness.send(join('notes'));
    expect(harness.log.map(({ kind }) => kind)).toEqual(['join', 'call', 'leave', 'frame']);
    expect(harness.take()).toMatchObject([error(code)]);
    // Without an answer the service may believe that the connection is there.
    const farewells = harness.session.closed();
    expect(farewells).toHaveLength(['not_found', 'full', 'limit_exceeded'].includes(refused.error.code) ? 0 : 1);
  });

  it('ER9: so is a bus that is away, or a document whose pieces are not kept any more', async () => {
    const harness = await aConnection();
    harness.join = () => fail('unavailable', 'away');
    await harness.send(join('notes'));
    expect(harness.take()).toMatchObject([error(5002)]);
    const other = await aConnection();
    const content = { kind: 'pieces', count: 2 } as const;
    other.answer(rooms.join, () => ok(aJoinReply({ state: { kind: 'content', content } })));
    other.answer(rooms.content, () => fail('not_found', 'too old'));
    await other.send(join('notes'));
    expect(other.take()).toMatchObject([error(5002)]);
    expect(other.session.closed()).toHaveLength(1);
  });

  it('LM5: nobody asks for rooms without end', async () => {
    const harness = await aConnection();
    harness.answer(rooms.join, () => fail('unavailable', 'away'));
    for (let i = 0; i <= 100; i++) await harness.send(join(`room-${i}`));
    expect(harness.calls('rooms.join')).toHaveLength(100);
    expect(harness.take().at(-1)).toMatchObject({ payload: { code: 1003 } });
  });
});

describe('joining again', () => {
  it('UP5: is answered anew, and listened to anew, so that nothing overtakes the answer', async () => {
    const { harness } = await aMember();
    await harness.send(join('notes'));
    expect(harness.log.map(({ kind }) => kind)).toEqual(['leave', 'join', 'call', 'frame', 'skip']);
    expect(harness.log[0]).toEqual({ kind: 'leave', subjects });
  });

  it('UP5, UP10: acknowledges what was accepted before, whose event will not come any more', async () => {
    const { harness } = await aMember();
    const [one, two] = [operationOf([]), operationOf([])];
    harness.answer(rooms.submit, ({ operationId }) =>
      ok({ result: 'accepted', version: operationId === one.id ? 6 : 9 }),
    );
    await harness.send(one);
    await harness.send(two);
    await harness.settled();
    expect(harness.take()).toEqual([]);
    harness.answer(rooms.join, () => ok(aJoinReply({ version: 8 })));
    await harness.send(join('notes'));
    expect(harness.take()).toMatchObject([
      { type: 'room_joined' },
      { type: 'ack', payload: { messageId: one.id, version: 6 } },
    ]);
  });

  it('UP5, UP10: an event that comes while the answer is waited for acknowledges only what the answer does not say', async () => {
    const { harness, login, connectionId } = await aMember();
    const [early, late] = [operationOf([]), operationOf([])];
    harness.answer(rooms.submit, ({ operationId }) =>
      ok({ result: 'accepted', version: operationId === early.id ? 6 : 9 }),
    );
    await harness.send(early);
    await harness.send(late);
    await harness.settled();
    harness.answer(rooms.join, () => {
      const applied = operationsOf(connectionId, login.userId, [early.id, 6], [late.id, 9]);
      harness.session.observed(event(applied, 41));
      return ok(aJoinReply({ version: 6 }));
    });
    await harness.send(join('notes'));
    expect(harness.take()).toMatchObject([{ type: 'room_joined' }, { type: 'ack', payload: { messageId: early.id } }]);
  });
});

describe('going while coming', () => {
  const gone: readonly (readonly [(userId: UserId) => RoomEvent, number])[] = [
    [(userId) => ({ type: 'removed', userId, at: 1 }), 2003],
    [() => ({ type: 'deleted', at: 1 }), 2001],
  ];

  it.each(gone)('DN8: whom %s concerns after the answer was made is not let in', async (eventOf, code) => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.answer(rooms.join, () => {
      harness.session.observed(event(eventOf(login.userId), 41));
      return ok(aJoinReply({ position: 40 }));
    });
    await harness.send(join('notes'));
    expect(harness.log.at(-2)).toEqual({ kind: 'leave', subjects });
    expect(harness.take()).toMatchObject([error(code)]);
  });

  it.each(gone)('DN8: %s from before it changes nothing', async (eventOf) => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.answer(rooms.join, () => {
      harness.session.observed(event(eventOf(login.userId), 40));
      return ok(aJoinReply({ position: 40 }));
    });
    await harness.send(join('notes'));
    expect(harness.take()).toMatchObject([{ type: 'room_joined' }]);
  });
});
