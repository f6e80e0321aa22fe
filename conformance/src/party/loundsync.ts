import { anInteger, aString, aTime, difference, oneOf, type Pattern } from '../match.js';
import type { Scenario } from '../scenario.js';
import { check, connect, enter, enterAsHost, makeParty, message } from './steps.js';

const statuses = oneOf('connected', 'reconnecting', 'disconnected');

function appMember(over: Readonly<Record<string, Pattern>> = {}): Pattern {
  return {
    id: aString,
    name: aString,
    isHost: oneOf(true, false),
    role: oneOf('host', 'client'),
    connectionStatus: statuses,
    joinedAt: aTime,
    lastSeen: aTime,
    address: '',
    latency: oneOf(null, anInteger),
    ...over,
  };
}

function appJoin(sessionId: string, over: object = {}): object {
  const payload = { sessionId, deviceId: 'phone', deviceName: 'My phone', version: '1.0.0', ...over };
  return { type: 'JOIN', timestamp: Date.now(), messageId: 'msg_1', payload };
}

/** What the original app's clients write and read. Asked for with `--profile loundsync`. */
export const loundsync: readonly Scenario[] = [
  {
    rules: ['AP1', 'AP2', 'AP3'],
    title: 'loundsync: a join by the app is answered in its own form, field by field',
    needs: ['rest', 'loundsync'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const host = await enterAsHost(context, party, { name: 'A laptop' });
      const client = await connect(context, { gateway: 2 });
      client.send(appJoin(party.id));
      const welcome = {
        type: 'WELCOME',
        timestamp: aTime,
        payload: {
          clientId: aString,
          sessionInfo: { id: party.id, name: 'A party', hostId: party.hostId },
          sessionId: party.id,
          sessionName: 'A party',
          hostId: party.hostId,
          hostName: 'A laptop',
          yourDeviceId: aString,
          connectedAt: aTime,
        },
      };
      const members = [appMember({ id: host.id, role: 'host', isHost: true }), appMember({ name: 'My phone' })];
      const list = { type: 'MEMBER_LIST', timestamp: aTime, payload: { members, totalCount: 2 } };
      for (const pattern of [welcome, list]) {
        const frame = await client.message();
        const differing = difference(pattern, frame.json, { exact: true });
        check(differing === undefined, differing ?? '', frame);
      }
      await host.client.expect({ type: 'member_joined', member: { name: 'My phone', isHost: false } });
    },
  },
  {
    rules: ['AP1', 'AP3', 'MS6'],
    title: 'loundsync: the same events come to each in its own form, on one gateway and on the other',
    needs: ['rest', 'loundsync'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const app = await connect(context);
      app.send(appJoin(party.id));
      await app.eventually({ type: 'MEMBER_LIST' });
      const [near, far] = [await enter(context, party), await enter(context, party, { gateway: 2 })];
      for (const member of [near, far]) {
        const joined = await app.expect({ type: 'MEMBER_JOINED' });
        const expected = { type: 'MEMBER_JOINED', timestamp: aTime, payload: { member: appMember({ id: member.id }) } };
        const differing = difference(expected, joined.json, { exact: true });
        check(differing === undefined, differing ?? '', joined);
      }
      far.client.send(message('leave'));
      await near.client.eventually({ type: 'member_left', memberId: far.id, reason: 'left' });
      const left = await app.expect({ type: 'MEMBER_LEFT' });
      const payload = { memberId: far.id, deviceId: far.id, deviceName: 'A phone', reason: 'left' };
      const differing = difference({ type: 'MEMBER_LEFT', timestamp: aTime, payload }, left.json, { exact: true });
      check(differing === undefined, differing ?? '', left);
      const bearer = party.hostToken;
      await context.rest.expect('DELETE', `/sessions/${party.id}`, 204, { bearer });
      await app.expect({ type: 'SESSION_CLOSED', timestamp: aTime, payload: { reason: 'Host ended the session' } });
      await app.expectClose(1000);
      await near.client.expect({ type: 'session_closed', reason: 'Host ended the session' });
    },
  },
  {
    rules: ['AP5'],
    title: 'loundsync: a ping is answered with the time inside it',
    needs: ['rest', 'loundsync'],
    users: 0,
    async run(context) {
      const client = await connect(context);
      client.send(appJoin((await makeParty(context)).id));
      await client.eventually({ type: 'MEMBER_LIST' });
      client.send({ type: 'HEARTBEAT', timestamp: 1, payload: { deviceId: 'phone', timestamp: 1 } });
      client.send({ type: 'PING', timestamp: 3, payload: { timestamp: 7 } });
      const pong = await client.expect({ type: 'PONG' });
      const expected = { type: 'PONG', timestamp: 7, payload: { timestamp: aTime, pingTimestamp: 7 } };
      const differing = difference(expected, pong.json, { exact: true });
      check(differing === undefined, differing ?? '', pong);
      client.send({ type: 'LEAVE', timestamp: 4, payload: { deviceId: 'phone' } });
      await client.expectClose(1000);
    },
  },
  {
    rules: ['AP2', 'AP4'],
    title: 'loundsync: errors have the app’s form and codes in upper case',
    needs: ['rest', 'loundsync'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const client = await connect(context);
      for (const [sent, code] of [
        [{ type: 'HEARTBEAT', timestamp: 1 }, 'UNAUTHORIZED'],
        [appJoin('A1B2C3'), 'SESSION_NOT_FOUND'],
        [appJoin(party.id, { version: '2.0.0' }), 'VERSION_MISMATCH'],
        [appJoin(party.id, { deviceId: 7 }), 'INVALID_MESSAGE'],
      ] as const) {
        client.send(sent);
        await client.expect({ type: 'ERROR', timestamp: aTime, payload: { code, message: aString } });
      }
    },
  },
];
