import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ack, CollabRig } from '../testing/collab-rig.js';
import {
  alice,
  bob,
  broadcast,
  idOf,
  letIn,
  payloadOf,
  refusal,
  roomJoined,
  welcome,
} from '../testing/collab-script.js';
import { retryNow } from '../testing/retry-now.js';

let rig: CollabRig;

beforeEach(async () => {
  rig = await CollabRig.start();
});
afterEach(() => rig.stop());

test('it takes the place of its earlier connection and asks for what it missed, then sends again, once', async () => {
  const { peer, room } = await rig.joined('abc', 5);
  room.document.edit([3, 'd']);
  const sent = await peer.hear('operation');
  const back = await rig.again(peer);
  expect(back.connect['connectionId']).toBe(alice.connectionId);
  room.document.edit([4, 'e']);
  const missed = { id: 'of-bob', operation: ['>'], userId: bob.userId, version: 5, transformedVersion: 6 };
  const asked = await letIn(back.peer, { version: 6, operations: [missed] });
  expect(asked).toEqual({ roomId: 'doc', lastSyncVersion: 5 });
  const resent = await back.peer.hear('operation');
  expect([idOf(resent), payloadOf(resent)]).toEqual([idOf(sent), { operation: [4, 'd'], version: 6 }]);
  back.peer.say(ack(idOf(resent), 7));
  const next = await back.peer.hear('operation');
  expect(payloadOf(next)).toEqual({ operation: [5, 'e'], version: 7 });
  expect(room.document.content).toBe('>abcde');
});

test('one that had arrived before the connection was lost is not applied again', async () => {
  const { peer, room } = await rig.joined('abc', 5);
  const saved = rig.client.sendOperation([3, 'd']);
  const sent = await peer.hear('operation');
  const back = await rig.again(peer);
  const own = { id: idOf(sent), operation: [3, 'd'], userId: alice.userId, version: 5, transformedVersion: 6 };
  await letIn(back.peer, { version: 6, operations: [own] });
  await saved;
  expect([room.document.content, room.document.pending]).toEqual(['abcd', 0]);
  room.document.edit(['>']);
  expect(payloadOf(await back.peer.hear('operation'))).toEqual({ operation: ['>'], version: 6 });
});

test('too long away: the whole document anew, with what was edited meanwhile on top', async () => {
  const { peer, room } = await rig.joined('one two', 5);
  peer.terminate();
  await waitFor(() => rig.client.status.state === 'waiting', 'to wait');
  expect(room.status).toBe('offline');
  room.document.edit([7, ' three']);
  await retryNow(rig.client, rig.timers);
  const next = await rig.server.peer();
  await welcome(next);
  await letIn(next, { version: 900, content: 'zero one two' });
  expect(payloadOf(await next.hear('operation'))).toEqual({ operation: [12, ' three'], version: 900 });
  expect(room.document.content).toBe('zero one two three');
});

test('a gap in what comes: it asks for the rest; what cannot be brought together is loaded anew', async () => {
  const { peer, room } = await rig.joined('abc', 5);
  peer.say(broadcast('doc', 'later', [4, '!'], 7));
  const asked = await peer.hear('join_room');
  expect(payloadOf(asked)).toEqual({ roomId: 'doc', lastSyncVersion: 5 });
  const operations = [
    { id: 'x', operation: ['x'], userId: bob.userId, version: 5, transformedVersion: 6 },
    { id: 'later', operation: [4, '!'], userId: bob.userId, version: 6, transformedVersion: 7 },
  ];
  peer.say(roomJoined('doc', { version: 7, operations }));
  await waitFor(() => room.document.content === 'xabc!', 'the rest');
  peer.say(broadcast('doc', 'misfit', [99, 'x'], 8));
  expect(payloadOf(await peer.hear('join_room'))).toEqual({ roomId: 'doc' });
});

test('a base that the server does not know any more: the same operation, on the document as it is', async () => {
  const { peer, room } = await rig.joined('abc', 5);
  room.document.edit([3, 'd']);
  const sent = await peer.hear('operation');
  peer.say(refusal(3002, true, { messageId: idOf(sent), currentVersion: 9 }, 'doc'));
  await letIn(peer, { version: 9, content: '>abc' });
  const resent = await peer.hear('operation');
  expect([idOf(resent), payloadOf(resent)]).toEqual([idOf(sent), { operation: [4, 'd'], version: 9 }]);
});

test('an operation without an answer is asked after', async () => {
  const { peer, room } = await rig.joined('abc', 5);
  room.document.edit([3, 'd']);
  const sent = await peer.hear('operation');
  rig.timers.advance(15_000);
  const own = { id: idOf(sent), operation: [3, 'd'], userId: alice.userId, version: 5, transformedVersion: 6 };
  await letIn(peer, { version: 6, operations: [own] });
  await room.document.saved();
});

test('disconnect() keeps rooms and edits for the next connect()', async () => {
  const { peer, room } = await rig.joined('abc', 5);
  rig.client.disconnect();
  expect(await peer.gone()).toBe(1000);
  room.document.edit([3, 'd']);
  void rig.client.connect();
  const next = await rig.server.peer();
  await welcome(next);
  await letIn(next, { version: 5, operations: [] });
  expect(payloadOf(await next.hear('operation'))).toEqual({ operation: [3, 'd'], version: 5 });
  expect(room).toBe(rig.client.room);
});

test('a room that was taken away says so, and its text can still be read', async () => {
  const { peer, room } = await rig.joined('abc', 5);
  const lost = new Promise((resolve) => rig.client.on('roomLost', (_, error) => resolve(error)));
  const waiting = expect(rig.client.sendOperation(['x'])).rejects.toMatchObject({ code: 'not_found' });
  peer.say(refusal(2001, false, {}, 'doc'));
  expect(await lost).toMatchObject({ code: 'not_found' });
  await waiting;
  expect([room.status, room.document.canEdit, room.document.content]).toEqual(['left', false, 'xabc']);
});

test('who is not in the room any more for the server joins again, and edits are sent once', async () => {
  const { peer, room } = await rig.joined('abc', 5);
  room.document.edit([3, 'd']);
  const sent = await peer.hear('operation');
  peer.say(refusal(5002, true, { messageId: idOf(sent) }, 'doc'));
  peer.say(refusal(5002, true, {}, 'doc'));
  await waitFor(() => room.status === 'joining', 'the room to be joined again');
  room.document.edit([4, 'e']);
  rig.timers.advance(1_000);
  const missed = { id: 'of-bob', operation: ['>'], userId: bob.userId, version: 5, transformedVersion: 6 };
  expect(await letIn(peer, { version: 6, operations: [missed] })).toEqual({ roomId: 'doc', lastSyncVersion: 5 });
  const resent = await peer.hear('operation');
  expect([idOf(resent), payloadOf(resent)]).toEqual([idOf(sent), { operation: [4, 'd'], version: 6 }]);
  peer.say(ack(idOf(resent), 7));
  const next = await peer.hear('operation');
  peer.say(ack(idOf(next), 8));
  await room.document.saved();
  expect(room.document.content).toBe('>abcde');
});

test('an operation that is refused while the room is joined again waits until it is', async () => {
  const { peer, room } = await rig.joined('abc', 5);
  room.document.edit([3, 'd']);
  const sent = await peer.hear('operation');
  rig.timers.chance = 1;
  peer.say(refusal(5002, true, {}, 'doc'));
  await waitFor(() => room.status === 'joining', 'the longer pause');
  rig.timers.chance = 0;
  peer.say(refusal(5002, true, { messageId: idOf(sent) }, 'doc'));
  await waitFor(() => rig.timers.has(250), 'the shorter pause');
  rig.timers.advance(300);
  rig.timers.advance(200);
  await letIn(peer, { version: 5, operations: [] });
  expect(idOf(await peer.hear('operation'))).toBe(idOf(sent));
});
