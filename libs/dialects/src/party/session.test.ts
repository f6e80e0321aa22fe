import {
  fail,
  newConnectionId,
  newMemberId,
  newSessionId,
  ok,
  partyEvent,
  sessions,
  type ConnectionId,
  type MemberId,
  type SessionId,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { EndReason } from '../dialect.js';
import type { Harness } from '../testing/harness.js';
import {
  aConnection,
  aJoin,
  aLogin,
  aMember,
  aMemberInside,
  anEvent,
  aPartySession,
  closes,
  kinds,
  lets,
  NOW,
} from '../testing/party.js';
import { endpoints } from './handshake.js';

function error(code: string, over: object = {}): unknown {
  return expect.objectContaining({ type: 'error', code, ...over });
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

  it('MS17: who was given up while connected is closed with 1001, to join again', async () => {
    const harness = await aConnection();
    const [session, me] = [aPartySession(), aMember()];
    lets(harness, session, me);
    await harness.send(aJoin(session.id));
    harness.takeLog();
    const left = (memberId: MemberId) =>
      anEvent(partyEvent, session.id, { type: 'member_left', at: NOW, memberId, name: 'Somebody', reason: 'timeout' });
    await harness.observe(left(newMemberId()));
    expect(harness.takeLog()).toEqual([]);
    await harness.observe(left(me.id));
    expect(harness.takeLog()).toEqual([{ kind: 'close', code: 1001, reason: 'place lost' }]);
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
  it('HS8: a token that expires ends its connection; the place waits', async () => {
    const { harness } = await aMemberInside(aLogin());
    await harness.fire('token-expired');
    expect(kinds(harness.log)).toEqual(['frame', 'close']);
    expect(harness.take()).toEqual([error('unauthorized')]);
    await expectFarewell(harness, { why: 'gone' });
  });

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
