import { fail, newSessionId, ok, sessions } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import {
  aConnection,
  aJoin,
  aLogin,
  aMember,
  aMemberInside,
  aPartySession,
  closes,
  kinds,
  lets,
  subjectOf,
} from '../../testing/party.js';

function error(code: string, over: object = {}): unknown {
  return expect.objectContaining({ type: 'error', code, ...over });
}

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
