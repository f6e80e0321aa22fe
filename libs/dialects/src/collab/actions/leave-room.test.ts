import { fail, newConnectionId, newUserId, ok, roomEvent, rooms, type RoomEvent } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { aJoinReply, aMember, anEvent, aParticipant, aRoomId, message, operationOf } from '../../testing/collab.js';

const leave = (roomId: string, over: object = {}) => message('leave_room', { roomId }, over);
const event = (payload: RoomEvent, id = 'notes') => anEvent(roomEvent, aRoomId(id), payload, { sequence: 50 });
const subjects = ['evt.room.notes', 'evt.room-cursor.notes', 'evt.room-selection.notes'];

describe('leaving', () => {
  it('UP6, UP2: is told to the service, and then nothing of the room comes any more', async () => {
    const { harness, connectionId } = await aMember();
    const asked = leave('notes', { acknowledgment: true });
    await harness.send(asked);
    expect(harness.log.slice(0, 2)).toEqual([
      {
        kind: 'call',
        name: 'rooms.leave',
        request: { roomId: 'notes', connectionId, lost: false },
        body: undefined,
      },
      { kind: 'leave', subjects },
    ]);
    expect(harness.take()).toMatchObject([{ type: 'ack', payload: { messageId: asked.id } }]);
    expect(harness.session.closed()).toEqual([]);
  });

  it('UP6: a room that was not joined has been left already', async () => {
    const { harness } = await aMember();
    await harness.send(leave('plans'));
    expect(harness.log).toEqual([]);
  });

  it('ER9: what could not be told has not happened', async () => {
    const { harness } = await aMember();
    harness.answer(rooms.leave, () => fail('timeout', 'slow'));
    const asked = leave('notes');
    await harness.send(asked);
    expect(harness.take()).toMatchObject([
      { type: 'error', roomId: 'notes', payload: { code: 5002, details: { messageId: asked.id } } },
    ]);
    expect(harness.session.closed()).toHaveLength(1);
  });

  it('UP10: an operation that was accepted, or is accepted afterwards, is acknowledged all the same', async () => {
    const { harness } = await aMember();
    const [before, after] = [operationOf([]), operationOf([])];
    harness.answer(rooms.submit, () => ok({ result: 'accepted', version: 6 }));
    await harness.send(before);
    await harness.settled();
    expect(harness.take()).toEqual([]);
    await harness.send(leave('notes'));
    expect(harness.take()).toMatchObject([{ type: 'ack', payload: { messageId: before.id, version: 6 } }]);
    await harness.send({ ...after, roomId: 'notes' });
    await harness.settled();
    expect(harness.take()).toMatchObject([{ type: 'ack', payload: { messageId: after.id, version: 6 } }]);
  });
});

describe('having to leave', () => {
  it('DN8: who is removed is told, and hears nothing any more', async () => {
    const { harness, login } = await aMember(['plans', 'notes']);
    await harness.observe(event({ type: 'removed', userId: login.userId, at: 1 }));
    expect(harness.log[0]).toEqual({ kind: 'leave', subjects });
    expect(harness.take()).toMatchObject([{ type: 'error', roomId: 'notes', payload: { code: 2003 } }]);
    expect(harness.session.closed()).toHaveLength(1);
  });

  it('DN8: the leaving that a removal brings may be told first, and says nothing to who was removed', async () => {
    const { harness, connectionId, login } = await aMember();
    const participant = aParticipant({ connectionId });
    await harness.observe(event({ type: 'left', participant, removed: true, at: 1 }));
    expect(harness.log).toEqual([]);
    await harness.observe(event({ type: 'removed', userId: login.userId, at: 1 }));
    expect(harness.take()).toMatchObject([{ type: 'error', roomId: 'notes', payload: { code: 2003 } }]);
  });

  it('DN8: so is everyone in a room that is deleted', async () => {
    const { harness } = await aMember();
    await harness.observe(event({ type: 'deleted', at: 1 }));
    expect(harness.log[0]).toEqual({ kind: 'leave', subjects });
    expect(harness.take()).toMatchObject([{ type: 'error', roomId: 'notes', payload: { code: 2001 } }]);
    expect(harness.session.closed()).toEqual([]);
  });

  it('DN12: who has left, for the service and without having asked for it, is told to join again', async () => {
    const { harness, connectionId } = await aMember(['plans', 'notes']);
    harness.answer(rooms.submit, () => ok({ result: 'accepted', version: 6 }));
    const operation = operationOf([]);
    await harness.send(operation);
    await harness.settled();
    harness.takeLog();
    await harness.observe(event({ type: 'left', participant: aParticipant({ connectionId }), at: 1 }));
    expect(harness.log[0]).toEqual({ kind: 'leave', subjects });
    expect(harness.take()).toMatchObject([
      { type: 'ack', roomId: 'notes', payload: { messageId: operation.id, version: 6 } },
      { type: 'error', roomId: 'notes', payload: { code: 5002, recoverable: true, details: {} } },
    ]);
    await harness.send(message('join_room', { roomId: 'notes', lastSyncVersion: 6 }));
    expect(harness.take()).toMatchObject([{ type: 'room_joined', roomId: 'notes' }]);
  });

  it('DN12: so is who leaves that way while it joins; what came before its joining does not count', async () => {
    const { harness, connectionId } = await aMember([]);
    const left = (sequence: number) =>
      anEvent(roomEvent, aRoomId(), { type: 'left', participant: aParticipant({ connectionId }), at: 1 }, { sequence });
    const joinWith = async (sequence: number) => {
      harness.answer(rooms.join, () => {
        harness.session.observed(left(sequence));
        return ok(aJoinReply());
      });
      await harness.send(message('join_room', { roomId: 'notes' }));
      return harness.take();
    };
    expect(await joinWith(41)).toMatchObject([{ type: 'error', roomId: 'notes', payload: { code: 5002 } }]);
    expect(await joinWith(40)).toMatchObject([{ type: 'room_joined' }]);
  });

  it('DN12: so is who has been replaced in a room by another connection, and is still there', async () => {
    const { harness, connectionId } = await aMember();
    const itself = aParticipant({ connectionId });
    await harness.observe(event({ type: 'joined', participant: itself, replaces: connectionId, at: 1 }));
    expect(harness.log).toEqual([]);
    await harness.observe(event({ type: 'joined', participant: aParticipant(), replaces: connectionId, at: 1 }));
    expect(harness.log[0]).toEqual({ kind: 'leave', subjects });
    expect(harness.take()).toMatchObject([{ type: 'error', roomId: 'notes', payload: { code: 5002 } }]);
  });

  it('UP6: who asked to leave is not told that it has to join again', async () => {
    const { harness, connectionId } = await aMember();
    const left = event({ type: 'left', participant: aParticipant({ connectionId }), at: 1 });
    harness.answer(rooms.leave, () => {
      expect(harness.session.observed(left)).toEqual([]);
      return ok({});
    });
    await harness.send(leave('notes'));
    expect(harness.take()).toEqual([]);
  });

  it('DN8: what concerns others, or another room, changes nothing', async () => {
    const { harness, login } = await aMember();
    const participant = aParticipant();
    await harness.observe(event({ type: 'removed', userId: newUserId(), at: 1 }));
    await harness.observe(event({ type: 'joined', participant, at: 1 }));
    await harness.observe(event({ type: 'left', participant, at: 1 }));
    await harness.observe(event({ type: 'role_changed', userId: login.userId, role: 'viewer', at: 1 }));
    await harness.observe(event({ type: 'removed', userId: login.userId, at: 1 }, 'plans'));
    const operation = { id: 'x', userId: newUserId(), connectionId: newConnectionId(), baseVersion: 1, version: 2 };
    await harness.observe(event({ type: 'operations', operations: [{ ...operation, length: 2 }] }));
    await harness.observe({ ...event({ type: 'deleted', at: 1 }), data: new Uint8Array(3) });
    expect(harness.log).toEqual([]);
  });
});
