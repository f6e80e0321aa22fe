import {
  fail,
  newConnectionId,
  newMemberId,
  newSessionId,
  ok,
  partyEvent,
  sessions,
  type ConnectionId,
  type SessionId,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { EndReason } from '../dialect.js';
import type { Happening, Harness } from '../testing/harness.js';
import {
  aConnection,
  aJoin,
  aLogin,
  aMember,
  aMemberInside,
  anEvent,
  aPartySession,
  lets,
  MINUTE,
  NOW,
  subjectOf,
} from '../testing/party.js';
import { endpoints } from './handshake.js';

const time: unknown = expect.any(Number);

function kinds(log: readonly Happening[]): string[] {
  return log.map((one) => (one.kind === 'call' ? one.name : one.kind));
}

function error(code: string, over: object = {}): unknown {
  return expect.objectContaining({ type: 'error', code, ...over });
}

function closes(harness: Harness): readonly Happening[] {
  return harness.takeLog().filter(({ kind }) => kind === 'close');
}

function kickedEvent(sessionId: SessionId, connectionId: ConnectionId | null) {
  return anEvent(partyEvent, sessionId, {
    type: 'kicked',
    at: NOW + 5,
    memberId: newMemberId(),
    connectionId,
    reason: 'Host removed you from the session',
  });
}

describe('before a join', () => {
  it('HS1: there is one endpoint', () => {
    expect(endpoints).toEqual([{ path: '/ws/party' }]);
  });

  it('HS3: a rejected access token is told, then closed with 1008', async () => {
    const harness = await aConnection(undefined, { token: 'a.b.c' });
    expect(harness.takeLog()).toEqual([]);
    const rejected = await aConnection();
    await rejected.open(fail('unauthenticated', 'The token has expired'));
    const log = rejected.takeLog();
    expect(kinds(log)).toEqual(['frame', 'close']);
    expect(log[1]).toMatchObject({ code: 1008 });
  });

  it('HS2: a host token is no rejected access token', async () => {
    const harness = await aConnection(undefined, { token: 'host_abc' });
    await harness.open(fail('unauthenticated', 'not a JWT'));
    expect(harness.takeLog()).toEqual([]);
  });

  it.each(['heartbeat', 'ping', 'leave', 'member_list', 'close_session'])('HS4: %s is refused', async (type) => {
    const harness = await aConnection();
    await harness.send({ type, timestamp: NOW });
    expect(kinds(harness.log)).toEqual(['frame', 'strike']);
    expect(harness.take()).toEqual([error('unauthorized', { timestamp: harness.now })]);
  });

  it('FM2: bad input is refused and counted', async () => {
    const harness = await aConnection();
    await harness.send({ type: 'join', timestamp: NOW, sessionId: 'x' });
    expect(kinds(harness.log)).toEqual(['frame', 'strike']);
    expect(harness.take()).toEqual([error('invalid_message', { details: { field: 'deviceInfo' } })]);
  });
});

describe('joining', () => {
  it('JN1, JN2, JN3: listens, asks, welcomes, lists, and skips what the list says', async () => {
    const harness = await aConnection();
    const [session, me] = [aPartySession(), aMember()];
    lets(harness, session, me, 42);
    await harness.send(aJoin(session.id));
    const order = kinds(harness.log).filter((kind) => kind !== 'timer');
    expect(order).toEqual(['log-in', 'join', 'session.join', 'skip', 'frame', 'frame']);
    expect(harness.log).toContainEqual({ kind: 'skip', subject: subjectOf(session.id), upTo: 42 });
    expect(harness.take()).toEqual([
      {
        type: 'welcome',
        timestamp: harness.now,
        clientId: me.id,
        sessionInfo: { id: session.id, name: session.name, hostId: session.hostId },
      },
      { type: 'member_list', timestamp: harness.now, members: [me] },
    ]);
  });

  it('HS3: without a token as a guest, with one as its user', async () => {
    for (const login of [undefined, aLogin()]) {
      const harness = await aConnection(login);
      const [session, me] = [aPartySession(), aMember()];
      lets(harness, session, me);
      await harness.send(aJoin(session.id));
      const [asked] = harness.calls('session.join');
      expect(asked?.request).toMatchObject({ guest: login === undefined });
      if (login !== undefined) expect(asked?.request).toMatchObject({ userId: login.userId });
      const counted = harness.log.find(({ kind }) => kind === 'log-in');
      expect(counted).toMatchObject({ login: login ?? { guest: {}, username: 'A Phone' } });
    }
  });

  it('HS2, JN8: the host token comes with the upgrade or in the join', async () => {
    const host = { deviceInfo: { id: 'd', name: 'n', type: 'host' } };
    const [session, me] = [aPartySession(), aMember()];
    const upgraded = await aConnection(undefined, { token: 'host_abc' });
    lets(upgraded, session, me);
    await upgraded.send(aJoin(session.id, host));
    const joined = await aConnection(aLogin());
    lets(joined, session, me);
    await joined.send(aJoin(session.id, { ...host, token: 'host_abc' }));
    for (const harness of [upgraded, joined]) {
      expect(harness.calls('session.join')[0]?.request).toMatchObject({ hostToken: 'host_abc' });
    }
    expect(joined.calls('session.join')[0]?.request).toMatchObject({ guest: false });
  });

  it('HS2, HS3: an access token in the join logs in, or is told and closed', async () => {
    const harness = await aConnection();
    const [session, me, login] = [aPartySession(), aMember(), aLogin()];
    harness.tokens.set('good', login);
    lets(harness, session, me);
    await harness.send(aJoin(session.id, { token: 'good' }));
    expect(harness.calls('session.join')[0]?.request).toMatchObject({ userId: login.userId, guest: false });
    const other = await aConnection();
    await other.send(aJoin(session.id, { token: 'bad' }));
    expect(kinds(other.log)).toEqual(['frame', 'close']);
  });

  it('JN4: a session that is none, or cannot be one', async () => {
    const harness = await aConnection();
    harness.answer(sessions.join, () => fail('not_found', 'Session not found'));
    const sessionId = newSessionId();
    await harness.send(aJoin(sessionId));
    expect(harness.log).toContainEqual({ kind: 'leave', subjects: [subjectOf(sessionId)] });
    await harness.send(aJoin('abc123'));
    const told = { message: 'Session not found' };
    expect(harness.take()).toEqual([error('session_not_found', told), error('session_not_found', told)]);
  });

  it('JN5: a full session, in the words of the document', async () => {
    const harness = await aConnection();
    harness.answer(sessions.join, () => ok({ result: 'full', maxMembers: 10, currentMembers: 10 }));
    await harness.send(aJoin(newSessionId()));
    expect(harness.take()).toEqual([
      {
        type: 'error',
        timestamp: harness.now,
        code: 'session_full',
        message: 'Session has reached maximum capacity (10 members)',
        details: { maxMembers: 10, currentMembers: 10 },
      },
    ]);
  });

  it('JN6, JN10: a device that is there already, and the try after it', async () => {
    const harness = await aConnection();
    const [session, me] = [aPartySession(), aMember()];
    harness.answer(sessions.join, () => ok({ result: 'already_joined' }));
    await harness.send(aJoin(session.id));
    expect(harness.take()).toEqual([error('already_joined')]);
    lets(harness, session, me);
    await harness.send(aJoin(session.id));
    expect(harness.take()).toMatchObject([{ type: 'welcome' }, { type: 'member_list' }]);
    expect(harness.calls('session.join')).toHaveLength(0);
  });

  it('JN6: a second join on one connection changes nothing', async () => {
    const { harness, session } = await aMemberInside();
    await harness.send(aJoin(session.id));
    expect(kinds(harness.log)).toEqual(['frame']);
    expect(harness.take()).toEqual([error('already_joined')]);
  });

  it('JN8, JN11: what only its owner may have', async () => {
    const harness = await aConnection();
    harness.answer(sessions.join, () => fail('unauthenticated', 'The host token is missing or wrong'));
    await harness.send(aJoin(newSessionId(), { deviceInfo: { id: 'd', name: 'n', type: 'host' } }));
    expect(harness.take()).toEqual([error('unauthorized', { message: 'The host token is missing or wrong' })]);
  });

  it.each(['2.0', '1.1', '', 1, null])('JN9: protocol version %j is another one', async (protocolVersion) => {
    const harness = await aConnection();
    await harness.send(aJoin(newSessionId(), { protocolVersion }));
    expect(harness.take()).toEqual([error('version_mismatch', { details: { supported: ['1.0'] } })]);
  });

  it('JN9: "1.0" is this one', async () => {
    const { harness } = await aMemberInside(undefined, { protocolVersion: '1.0' });
    expect(harness.log).toEqual([]);
  });

  it('JN10: faults of ours close, so that the client comes back', async () => {
    const unavailable = await aConnection();
    unavailable.answer(sessions.join, () => fail('unavailable', 'nobody there'));
    await unavailable.send(aJoin(newSessionId()));
    expect(closes(unavailable)).toMatchObject([{ code: 1013 }]);
    const broken = await aConnection();
    broken.answer(sessions.join, () => fail('internal', 'oops'));
    await broken.send(aJoin(newSessionId()));
    expect(closes(broken)).toMatchObject([{ code: 1011 }]);
    const deaf = await aConnection();
    deaf.join = () => fail('unavailable', 'no bus');
    await deaf.send(aJoin(newSessionId()));
    expect(closes(deaf)).toMatchObject([{ code: 1013 }]);
  });

  it('HS5: has to succeed within 10 s of the last that did not', async () => {
    const harness = await aConnection();
    await harness.send(aJoin('abc123'));
    expect(harness.timers.get('join')).toBe(harness.now + 10_000);
    harness.takeLog();
    await harness.fire('join');
    expect(kinds(harness.log)).toEqual(['frame', 'close']);
    expect(harness.take()).toEqual([error('unauthorized')]);
    const { harness: inside } = await aMemberInside();
    expect(inside.timers.has('join')).toBe(false);
  });

  it('HS6: too many connections of a user', async () => {
    const harness = await aConnection(aLogin());
    harness.logIn = fail('limit_exceeded', 'too many');
    await harness.send(aJoin(newSessionId()));
    expect(closes(harness)).toMatchObject([{ code: 1008, reason: 'too many connections' }]);
  });
});

describe('inside', () => {
  it('MS1, MS3: a heartbeat is not answered, a ping is, with its own timestamp', async () => {
    const { harness } = await aMemberInside();
    await harness.send({ type: 'heartbeat', timestamp: 1 });
    expect(harness.log).toEqual([]);
    await harness.send({ type: 'ping', timestamp: 1706889650000.5 });
    expect(harness.take()).toEqual([{ type: 'pong', timestamp: 1706889650000.5 }]);
  });

  it('MS2: 15 s without a message are the end; messages put it off, bad ones do not', async () => {
    const { harness } = await aMemberInside();
    const joinedAt = harness.now;
    expect(harness.timers.get('heartbeat')).toBe(joinedAt + 15_000);
    harness.now = joinedAt + 14_000;
    await harness.send({ type: 'heartbeat', timestamp: 1 });
    await harness.fire('heartbeat');
    expect(harness.log).toEqual([]);
    expect(harness.timers.get('heartbeat')).toBe(joinedAt + 29_000);
    harness.now = joinedAt + 28_000;
    await harness.send({ type: 'nonsense', timestamp: 1 });
    harness.takeLog();
    await harness.fire('heartbeat');
    expect(harness.log).toEqual([{ kind: 'close', code: 1001, reason: 'heartbeat timeout' }]);
    await expectFarewell(harness, { why: 'timeout' });
  });

  it('MS4: leaving is told to the service, then closed; if it could not be, it is said again', async () => {
    const { harness, session } = await aMemberInside();
    harness.answer(sessions.leave, () => ok({}));
    await harness.send({ type: 'leave', timestamp: NOW, reason: 'User exited session' });
    expect(kinds(harness.takeLog())).toEqual(['leave', 'session.leave', 'close']);
    expect(await harness.close()).toEqual([]);

    const { harness: unheard } = await aMemberInside();
    unheard.answer(sessions.leave, () => fail('unavailable', 'no'));
    await unheard.send({ type: 'leave', timestamp: NOW });
    expect(closes(unheard)).toMatchObject([{ code: 1000 }]);
    await unheard.close();
    expect(unheard.calls('session.leave')).toHaveLength(1);
    expect(session.id).not.toBe('');
  });

  it('MS12: who is kicked is told and closed with 1000, and need not say goodbye', async () => {
    const connectionId = newConnectionId();
    const harness = await aConnection(undefined, { connectionId });
    const [session, me] = [aPartySession(), aMember()];
    lets(harness, session, me);
    await harness.send(aJoin(session.id));
    harness.takeLog();
    await harness.observe(kickedEvent(session.id, newConnectionId()));
    await harness.observe(kickedEvent(session.id, null));
    expect(harness.log).toEqual([]);
    await harness.observe(kickedEvent(session.id, connectionId));
    expect(kinds(harness.log)).toEqual(['frame', 'close']);
    expect(harness.log[1]).toMatchObject({ code: 1000 });
    expect(harness.take()).toEqual([
      { type: 'kicked', timestamp: NOW + 5, reason: 'Host removed you from the session' },
    ]);
    expect(await harness.close()).toEqual([]);
  });

  it('MS13: the end of the session is told to everybody, closed with 1000', async () => {
    const { harness, session } = await aMemberInside();
    await harness.observe(
      anEvent(partyEvent, session.id, { type: 'closed', at: NOW, reason: 'Host ended the session' }),
    );
    const log = harness.takeLog();
    expect(kinds(log)).toEqual(['frame', 'close']);
    expect(log[1]).toMatchObject({ code: 1000 });
    expect(await harness.close()).toEqual([]);
  });

  it('JN6: an old connection makes way, with 1000', async () => {
    const connectionId = newConnectionId();
    const harness = await aConnection(undefined, { connectionId });
    const [session, me] = [aPartySession(), aMember()];
    lets(harness, session, me);
    await harness.send(aJoin(session.id));
    harness.takeLog();
    await harness.observe(anEvent(partyEvent, session.id, { type: 'superseded', at: NOW, connectionId }));
    expect(harness.takeLog()).toMatchObject([{ kind: 'close', code: 1000 }]);
    expect(await harness.close()).toEqual([]);
  });

  it('MS13: news that come while a join is under way are acted upon after it, or not at all', async () => {
    const harness = await aConnection();
    const [session, me] = [aPartySession(), aMember()];
    const closed = anEvent(partyEvent, session.id, { type: 'closed', at: NOW, reason: 'x' });
    let observed: Promise<void> = Promise.resolve();
    harness.answer(sessions.join, () => {
      observed = Promise.resolve().then(() => harness.observe(closed));
      return fail('not_found', 'Session not found');
    });
    await harness.send(aJoin(session.id));
    await observed;
    expect(harness.take()).toEqual([error('session_not_found')]);
    lets(harness, session, me);
    await harness.send(aJoin(session.id));
    await harness.observe(closed);
    expect(harness.take()).toMatchObject([{ type: 'welcome' }, { type: 'member_list' }, { type: 'session_closed' }]);
  });

  it('MS14: the list on request, asked for again when something happened meanwhile', async () => {
    const { harness, session, me } = await aMemberInside();
    let asked = 0;
    harness.answer(sessions.members, () => {
      asked += 1;
      const news = { type: 'returned', at: NOW, connectionId: newConnectionId() } as const;
      if (asked === 1) harness.session.observed(anEvent(partyEvent, session.id, news));
      return ok({ members: asked === 1 ? [] : [me] });
    });
    await harness.send({ type: 'member_list', timestamp: NOW });
    expect(asked).toBe(2);
    expect(harness.take()).toEqual([{ type: 'member_list', timestamp: harness.now, members: [me] }]);
  });

  it('MS15: kick and close_session are asked for as this connection', async () => {
    const { harness, session } = await aMemberInside();
    const memberId = newMemberId();
    harness.answer(sessions.kick, () => ok({}));
    harness.answer(sessions.close, () => ok({}));
    await harness.send({ type: 'kick', timestamp: NOW, memberId, reason: 'Too loud' });
    await harness.send({ type: 'close_session', timestamp: NOW });
    expect(harness.calls('session.kick')[0]?.request).toMatchObject({
      sessionId: session.id,
      memberId,
      reason: 'Too loud',
      authority: { by: 'connection' },
    });
    expect(harness.calls('session.close')[0]?.request).toMatchObject({ authority: { by: 'connection' } });
    expect(harness.take()).toEqual([]);
  });

  it('MS15, FM5: what cannot be ordered', async () => {
    const { harness } = await aMemberInside();
    harness.answer(sessions.close, () => fail('forbidden', 'Only the host can close the session'));
    await harness.send({ type: 'close_session', timestamp: NOW });
    harness.answer(sessions.kick, () => fail('not_found', 'No such member'));
    await harness.send({ type: 'kick', timestamp: NOW, memberId: newMemberId() });
    await harness.send({ type: 'kick', timestamp: NOW, memberId: 'me' });
    harness.answer(sessions.kick, () => fail('unavailable', 'try again'));
    await harness.send({ type: 'kick', timestamp: NOW, memberId: newMemberId() });
    const nobody = error('invalid_message', { details: { field: 'memberId' } });
    expect(harness.take()).toEqual([error('unauthorized'), nobody, nobody, error('unavailable')]);
  });

  it('MS16: round trips are told when they differ, and now and then', async () => {
    const { harness, session } = await aMemberInside();
    harness.answer(sessions.measured, () => ok({}));
    for (const ms of [40.4, 42, 44.9, 46, 23]) await harness.measure(ms);
    await harness.settled();
    const told = () => harness.calls('session.measured').map(({ request }) => request);
    const of = (latency: number): unknown => expect.objectContaining({ sessionId: session.id, latency });
    expect(told()).toEqual([of(40), of(45), of(23)]);
    harness.now += 30_000;
    await harness.measure(23);
    await harness.settled();
    expect(told()).toHaveLength(4);
  });

  it('FM4: too many messages', async () => {
    const harness = await aConnection(undefined, { limits: { messagesPerSecond: 1, messageBurst: 1 } });
    await harness.send({ type: 'heartbeat', timestamp: 1 });
    harness.takeLog();
    await harness.send({ type: 'heartbeat', timestamp: 1 });
    expect(harness.takeLog()).toMatchObject([{ kind: 'close', code: 1008, reason: 'too many messages' }]);
  });
});

async function expectFarewell(harness: Harness, request: object): Promise<void> {
  harness.answer(sessions.lost, () => ok({}));
  await harness.close();
  expect(harness.calls('session.lost').map((call) => call.request)).toMatchObject([request]);
}

describe('the end', () => {
  it('MS9: a connection that just breaks holds its place', async () => {
    const { harness, session } = await aMemberInside();
    await expectFarewell(harness, { sessionId: session.id, why: 'gone' });
  });

  it.each([
    ['bad_input', 'error'],
    ['flooding', 'error'],
    ['revoked', 'error'],
    ['idle', 'timeout'],
    ['shutdown', 'gone'],
    ['rebalance', 'gone'],
    ['slow', 'gone'],
    ['internal', 'gone'],
  ] as const)('MS10, MS11: %s is told as %s', async (reason: EndReason, why) => {
    const { harness } = await aMemberInside();
    await harness.end(reason);
    await expectFarewell(harness, { why });
  });

  it('MS9: also while a join is under way, since the place may be ours', async () => {
    const harness = await aConnection();
    const sessionId = newSessionId();
    harness.answer(sessions.lost, () => ok({}));
    harness.answer(sessions.join, () => fail('unavailable', 'answered by nobody'));
    await harness.send(aJoin(sessionId));
    await expectFarewell(harness, { sessionId, why: 'gone' });
  });

  it('HS4: nobody is told of one who never was in', async () => {
    const harness = await aConnection();
    await harness.send(aJoin('abc123'));
    expect(await harness.close()).toEqual([]);
  });
});

describe('tokens', () => {
  it('HS7: are renewed in place', async () => {
    const login = aLogin();
    const { harness } = await aMemberInside(login);
    const fresh = { ...login, expiresAt: login.expiresAt + 15 * MINUTE };
    harness.tokens.set('fresh', fresh);
    await harness.send({ type: 'auth', timestamp: NOW, token: 'fresh' });
    expect(harness.log[0]).toEqual({ kind: 'renew', login: fresh });
    expect(harness.timers.get('token-expired')).toBe(fresh.expiresAt);
    expect(harness.take()).toEqual([{ type: 'auth_renewed', timestamp: harness.now, expiresAt: fresh.expiresAt }]);
  });

  it('HS7: of others, or of nobody, change nothing; guests have none', async () => {
    for (const login of [aLogin(), undefined]) {
      const { harness } = await aMemberInside(login);
      harness.tokens.set('other', aLogin());
      await harness.send({ type: 'auth', timestamp: NOW, token: 'other' });
      await harness.send({ type: 'auth', timestamp: NOW, token: 'garbage' });
      expect(kinds(harness.log)).toEqual(['frame', 'frame']);
      expect(harness.take()).toEqual([error('unauthorized'), error('unauthorized')]);
      expect(harness.timers.has('token-expired')).toBe(login !== undefined);
    }
  });

  it('HS8: end the connection when they expire; its place waits', async () => {
    const { harness } = await aMemberInside(aLogin());
    await harness.fire('token-expired');
    expect(kinds(harness.log)).toEqual(['frame', 'close']);
    expect(harness.take()).toEqual([error('unauthorized')]);
    await expectFarewell(harness, { why: 'gone' });
  });
});

describe('the original app', () => {
  it('AP1, AP3: is answered in kind, for good', async () => {
    const harness = await aConnection();
    const [session, me] = [aPartySession(), aMember({ isHost: true, name: 'DJ' })];
    lets(harness, session, me);
    const payload = { sessionId: session.id, deviceId: 'd', deviceName: 'My Phone', version: '1.0.0' };
    await harness.send({ type: 'JOIN', timestamp: NOW, payload });
    expect(harness.log.filter(({ kind }) => kind === 'prefer-alternative')).toHaveLength(1);
    expect(harness.take()).toEqual([
      {
        type: 'WELCOME',
        timestamp: harness.now,
        payload: {
          clientId: me.id,
          sessionInfo: { id: session.id, name: session.name, hostId: session.hostId },
          sessionId: session.id,
          sessionName: session.name,
          hostId: session.hostId,
          hostName: 'DJ',
          yourDeviceId: me.id,
          connectedAt: harness.now,
        },
      },
      {
        type: 'MEMBER_LIST',
        timestamp: harness.now,
        payload: {
          members: [{ ...me, role: 'host', lastSeen: harness.now, address: '', latency: null }],
          totalCount: 1,
        },
      },
    ]);
    await harness.send({ type: 'ping', timestamp: 3 });
    expect(harness.take()).toMatchObject([{ type: 'PONG', timestamp: 3 }]);
    await harness.observe(anEvent(partyEvent, session.id, { type: 'closed', at: NOW, reason: 'Over' }));
    expect(harness.take()).toEqual([{ type: 'SESSION_CLOSED', timestamp: NOW, payload: { reason: 'Over' } }]);
  });

  it('AP1: a connection that began with the document stays with it', async () => {
    const { harness } = await aMemberInside();
    await harness.send({ type: 'PING', timestamp: 1, payload: { timestamp: 9 } });
    expect(harness.take()).toEqual([{ type: 'pong', timestamp: 9 }]);
  });

  it('AP5: has its ping echoed', async () => {
    const harness = await aConnection();
    const [session, me] = [aPartySession(), aMember()];
    lets(harness, session, me);
    await harness.send({
      type: 'JOIN',
      timestamp: 1,
      payload: { sessionId: session.id, deviceId: 'd', deviceName: 'n' },
    });
    harness.takeLog();
    await harness.send({ type: 'PING', timestamp: 1, payload: { timestamp: 9 } });
    expect(harness.take()).toEqual([
      { type: 'PONG', timestamp: 9, payload: { timestamp: harness.now, pingTimestamp: 9 } },
    ]);
  });

  it('AP4: gets its errors in its own form', async () => {
    const harness = await aConnection();
    await harness.send({ type: 'HEARTBEAT', timestamp: 1 });
    expect(harness.take()).toEqual([
      { type: 'ERROR', timestamp: time, payload: { code: 'UNAUTHORIZED', message: 'Join a session first' } },
    ]);
  });
});
