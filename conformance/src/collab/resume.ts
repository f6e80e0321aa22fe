import { setTimeout as sleep } from 'node:timers/promises';
import { aString, at } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  apply,
  ask,
  check,
  checksumOf,
  connected,
  connectWith,
  enter,
  error,
  fromServer,
  join,
  operation,
  presence,
  soFar,
  stringAt,
  together,
} from './steps.js';

/** Longer than the others wait for somebody to come back. */
const GRACE_SECONDS = 7;
/** Together more than a slow reader may be behind. */
const PIECES = 10;

export const resume: readonly Scenario[] = [
  {
    rules: ['DN3'],
    title: 'who was here before gets just the operations since, and no content',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const second = await apply(one, operation({ operation: ['a'], version: 1 }));
      two.client.drop();
      const missed = [operation({ operation: ['b'], version: second }), operation({ operation: ['c'], version: 3 })];
      for (const each of missed) await apply(one, each);
      const back = await enter(context, two.user);
      const joined = await join(back, roomId, { lastSyncVersion: second });
      check(at(joined.json, 'payload.recovered') === true, 'not recovered', joined);
      check(at(joined.json, 'payload.documentState.content') === undefined, 'content came as well', joined);
      const checksum = at(joined.json, 'payload.documentState.checksum');
      check(checksum === checksumOf('cbahello'), 'the checksum is not that of the newest content', joined);
      const list = at(joined.json, 'payload.operations');
      const ids = Array.isArray(list) ? list.map((applied) => at(applied, 'id')) : [];
      check(ids.join() === missed.map(({ id }) => id).join(), 'not the operations that were missed', joined);
      check(at(joined.json, 'payload.operations.0.operation.0') === 'b', 'the operation is another', joined);
      check(at(joined.json, 'payload.operations.1.transformedVersion') === 4, 'the version is another', joined);
    },
  },
  {
    rules: ['DN3'],
    title: 'who has missed nothing gets no operations; who claims a version of the future gets the full state',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, two } = await together(context);
      const same = await join(two, roomId, { lastSyncVersion: 1 });
      check(at(same.json, 'payload.recovered') === true, 'not recovered', same);
      const list = at(same.json, 'payload.operations');
      check(Array.isArray(list) && list.length === 0, 'operations came', same);
      for (const lastSyncVersion of [0, 2, 1_000_000]) {
        const full = await join(two, roomId, { lastSyncVersion });
        check(at(full.json, 'payload.recovered') === false, `recovered from ${lastSyncVersion}`, full);
        check(stringAt(full, 'payload.documentState.content') === 'hello', 'no content', full);
      }
    },
  },
  {
    rules: ['HS8'],
    title: 'a connection that takes over from an earlier one, on another gateway, is never seen to leave',
    needs: ['rest', 'second-gateway'],
    users: 2,
    waitsSeconds: GRACE_SECONDS + 3,
    async run(context) {
      const { roomId, one, two } = await together(context);
      one.client.drop();
      const again = await context.openUrl(context.urlOf(2));
      again.send(connectWith(one.user, { connectionId: one.connectionId }));
      const welcome = await again.expect(connected);
      const connectionId = stringAt(welcome, 'payload.connectionId');
      await join({ client: again, user: one.user, connectionId }, roomId, { lastSyncVersion: 1 });
      await two.client.eventually(presence(one.user, { status: 'online', connectionId, replaces: one.connectionId }));
      await sleep(GRACE_SECONDS * 1_000);
      const left = (await soFar(two)).find((frame) => at(frame.json, 'payload.presence.status') === 'offline');
      check(left === undefined, 'it was seen to leave', left);
    },
  },
  {
    rules: ['DN12', 'HS10', 'UP10'],
    title: 'whose place in a room was taken, and who still lives, is told to join again, and then loses nothing',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one } = await together(context);
      const other = await enter(context, one.user);
      await ask(other, connectWith(one.user, { connectionId: one.connectionId }), connected);
      await join(other, roomId);
      await one.client.eventually(error(5002));
      const asked = operation({ operation: ['a'], version: 1 });
      await join(one, roomId, { lastSyncVersion: 1 });
      check((await apply(one, asked)) === 2, 'another version');
      await other.client.eventually((value) => at(value, 'type') === 'operation_broadcast');
    },
  },
  {
    rules: ['HS8'],
    title: 'an earlier connection that still lives is ended by the one that takes its place, and not counted any more',
    needs: ['rest', 'second-gateway'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const again = await context.openUrl(context.urlOf(2));
      again.send(connectWith(one.user, { connectionId: one.connectionId }));
      const welcome = await again.expect(connected);
      const { closed } = await one.client.ended();
      check(closed.code === 1000 && closed.reason === 'replaced', `closed with ${closed.code} "${closed.reason}"`);
      const connectionId = stringAt(welcome, 'payload.connectionId');
      await join({ client: again, user: one.user, connectionId }, roomId);
      await two.client.eventually(presence(one.user, { status: 'online', connectionId }));
    },
  },
  {
    rules: ['DN7'],
    title: 'who is gone without a word and does not come back is seen to leave',
    needs: ['rest'],
    users: 2,
    waitsSeconds: GRACE_SECONDS,
    async run(context) {
      const { one, two } = await together(context);
      one.client.drop();
      const offline = { status: 'offline', connectionId: one.connectionId };
      await two.client.eventually(presence(one.user, offline), GRACE_SECONDS * 1_000);
    },
  },
  {
    rules: ['DN11'],
    title: 'a document of several MiB comes whole, and what happened meanwhile after it',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context, { content: '' });
      const piece = '0123456789abcdef'.repeat(40_000);
      let version = 1;
      for (let n = 0; n < PIECES; n++) version = await apply(one, operation({ operation: [piece], version }));
      const reader = await enter(context, two.user);
      reader.client.send({ ...operation({}), type: 'join_room', payload: { roomId } });
      const last = operation({ operation: ['!'], version });
      await apply(one, last);
      const joined = await reader.client.expect(
        fromServer('room_joined', { documentState: { content: aString } }, { roomId }),
        20_000,
      );
      const content = stringAt(joined, 'payload.documentState.content');
      check(content.endsWith(piece.repeat(PIECES)), `content has ${content.length} characters`);
      if (content.startsWith('!')) return;
      await reader.client.eventually((value) => at(value, 'id') === last.id);
    },
  },
];
