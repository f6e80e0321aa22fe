import { compile, newConnectionId, newMemberId, newSessionId, partyEvent } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { textFrame } from '../frame.js';
import { contentOf } from '../testing/fixtures.js';
import { aConnection, aJoin, aMember, anEvent, aPartySession, formsOf, lets } from '../testing/party.js';
import { decode } from './decode.js';
import { Down } from './down.js';
import { refuse } from './errors.js';

const downCheck = compile(Down);
const sessionId = newSessionId();
const [HOST, CLIENT, SARA] = [newMemberId(), newMemberId(), newMemberId()];

/** Every example that the document prints for clients, in the spelling that it has there. */
const fromClients = {
  join: `{
    "type": "join",
    "timestamp": 1706889600000,
    "sessionId": "abc123",
    "deviceInfo": {
      "id": "device-456",
      "name": "Rishad's iPhone",
      "type": "client"
    }
  }`,
  leave: `{
    "type": "leave",
    "timestamp": 1706889700000,
    "reason": "User exited session"
  }`,
  heartbeat: `{
    "type": "heartbeat",
    "timestamp": 1706889650000
  }`,
  ping: `{
    "type": "ping",
    "timestamp": 1706889650000
  }`,
};

describe('the examples for clients', () => {
  it.each(Object.entries(fromClients))('FM1: %s is understood', (type, text) => {
    const example: unknown = JSON.parse(text);
    expect(decode(textFrame(text))).toEqual({ form: 'flat', kind: 'message', message: example });
    expect(example).toMatchObject({ type });
  });
});

/** Every example for the server, but for its ids, which are ours to give. */
describe('the examples for the server', () => {
  it('JN2: welcome, JN1: member_list', async () => {
    const host = aMember({ id: HOST, name: "Rishad's MacBook", isHost: true, joinedAt: 1706889500000 });
    const me = aMember({ id: CLIENT, name: "Rishad's iPhone", joinedAt: 1706889600000, latency: 23 });
    const session = aPartySession({ id: sessionId, name: "Rishad's Party", hostId: HOST });
    const harness = await aConnection();
    harness.now = 1706889600100;
    lets(harness, session, me);
    await harness.send(aJoin(sessionId));
    expect(harness.take()[0]).toEqual({
      type: 'welcome',
      timestamp: 1706889600100,
      clientId: CLIENT,
      sessionInfo: { id: sessionId, name: "Rishad's Party", hostId: HOST },
    });
    const list = anEvent(partyEvent, sessionId, { type: 'members', at: 1706889600200, members: [host, me] });
    expect(formsOf(list).flat).toEqual([
      {
        type: 'member_list',
        timestamp: 1706889600200,
        members: [
          {
            id: HOST,
            name: "Rishad's MacBook",
            isHost: true,
            connectionStatus: 'connected',
            joinedAt: 1706889500000,
          },
          {
            id: CLIENT,
            name: "Rishad's iPhone",
            isHost: false,
            connectionStatus: 'connected',
            joinedAt: 1706889600000,
            latency: 23,
          },
        ],
      },
    ]);
  });

  it('MS6: member_joined and member_left', () => {
    const member = aMember({ id: SARA, name: "Sara's Android", joinedAt: 1706889600300, latency: 31 });
    const joined = { type: 'member_joined', at: 1706889600300, member, connectionId: newConnectionId() } as const;
    expect(formsOf(anEvent(partyEvent, sessionId, joined)).flat).toEqual([
      {
        type: 'member_joined',
        timestamp: 1706889600300,
        member: {
          id: SARA,
          name: "Sara's Android",
          isHost: false,
          connectionStatus: 'connected',
          joinedAt: 1706889600300,
          latency: 31,
        },
      },
    ]);
    const left = { type: 'member_left', at: 1706889700000, memberId: CLIENT, name: 'x', reason: 'left' } as const;
    expect(formsOf(anEvent(partyEvent, sessionId, left)).flat).toEqual([
      { type: 'member_left', timestamp: 1706889700000, memberId: CLIENT, reason: 'left' },
    ]);
  });

  it.each([
    ['MS12', { type: 'kicked', at: 1706889750000, reason: 'Host removed you from the session' }, 'kicked'],
    ['MS13', { type: 'closed', at: 1706889800000, reason: 'Host ended the session' }, 'session_closed'],
  ] as const)('%s: what ends a connection', async (_, { type, at, reason }, told) => {
    const connectionId = newConnectionId();
    const harness = await aConnection(undefined, { connectionId });
    lets(harness, aPartySession({ id: sessionId }), aMember());
    await harness.send(aJoin(sessionId));
    harness.takeLog();
    const news = type === 'kicked' ? { type, at, reason, memberId: CLIENT, connectionId } : { type, at, reason };
    await harness.observe(anEvent(partyEvent, sessionId, news));
    expect(harness.take()).toEqual([{ type: told, timestamp: at, reason }]);
  });

  it('MS3: pong', async () => {
    const harness = await aConnection();
    lets(harness, aPartySession({ id: sessionId }), aMember());
    await harness.send(aJoin(sessionId));
    harness.takeLog();
    await harness.receive(textFrame(fromClients.ping));
    expect(harness.take()).toEqual([{ type: 'pong', timestamp: 1706889650000 }]);
  });

  it('JN5: error, byte for byte', () => {
    const message = 'Session has reached maximum capacity (10 members)';
    const details = { maxMembers: 10, currentMembers: 10 };
    const [command] = refuse({ form: 'flat', at: 1706889600000 }, 'session_full', message, details);
    const frame = command?.kind === 'send' ? command.frames[0] : undefined;
    const example = `{
      "type": "error",
      "timestamp": 1706889600000,
      "code": "session_full",
      "message": "Session has reached maximum capacity (10 members)",
      "details": {
        "maxMembers": 10,
        "currentMembers": 10
      }
    }`;
    const parsed: unknown = JSON.parse(example);
    expect(frame === undefined ? undefined : contentOf(frame)).toBe(JSON.stringify(parsed));
    expect(downCheck.is(parsed)).toBe(true);
  });
});
