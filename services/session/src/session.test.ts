import { newSessionId, newUserId, sessions } from '@parley/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aGuest, again, SessionFixture, valueOf } from './test/session-fixture.js';

let fixture: SessionFixture;

beforeAll(async () => {
  fixture = await SessionFixture.start({ PARLEY_SESSION_PER_ACCOUNT_MAX: '2' }, 2);
});
afterAll(() => fixture.stop());

describe('making', () => {
  it('answers the session, with 10 places unless asked otherwise, and a host token', async () => {
    const party = await fixture.party();
    expect(party.session).toMatchObject({ id: party.id, name: 'The Party', maxMembers: 10, memberCount: 0 });
    expect(party.session.createdAt).toBe(new Date(fixture.now()).toISOString());
    expect(party.hostToken).toMatch(/^host_/);
    expect(valueOf(await fixture.bus.call(sessions.get, { sessionId: party.id }))).toEqual({
      session: party.session,
      members: [],
    });
  });

  it('has limits: per account, also when asked at once; of places; and an id is used once', async () => {
    const userId = newUserId();
    const ask = (sessionId = newSessionId(), maxMembers = 5) =>
      fixture.bus.call(sessions.create, { sessionId, userId, name: 'Mine', address: '192.0.2.1', maxMembers });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask()));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(2);
    for (const answer of answers.filter(({ ok }) => !ok)) {
      expect(answer).toMatchObject({ error: { code: 'limit_exceeded' } });
    }
    const tooMany = { sessionId: newSessionId(), name: 'Large', address: '192.0.2.1', maxMembers: 101 };
    expect(await fixture.bus.call(sessions.create, tooMany)).toMatchObject({
      ok: false,
      error: { code: 'invalid', field: 'max_members' },
    });
    const { id } = await fixture.party();
    const same = { sessionId: id, name: 'Again', address: '192.0.2.1' };
    expect(await fixture.bus.call(sessions.create, same)).toMatchObject({ ok: false, error: { code: 'conflict' } });
  });

  it('lists open sessions, newest first, page by page', async () => {
    const made = [];
    for (let i = 0; i < 3; i++) made.push((await fixture.party()).id);
    const [first, second, third] = made;
    const one = valueOf(await fixture.bus.call(sessions.list, { limit: 2 }));
    expect([one.sessions.map(({ id }) => id), one.more]).toEqual([[third, second], true]);
    const before = one.sessions[1]?.id ?? newSessionId();
    const two = valueOf(await fixture.bus.call(sessions.list, { before, limit: 1 }));
    expect(two.sessions.map(({ id }) => id)).toEqual([first]);
  });
});

describe('joining', () => {
  it('gives a place, and tells the others', async () => {
    const party = await fixture.party();
    const [host, guest] = [await fixture.host(party), aGuest()];
    const joined = await fixture.join(party, guest);
    expect(joined.session).toEqual({ ...party.session, memberCount: 2 });
    expect(joined.members).toMatchObject([
      { id: party.session.hostId, isHost: true, connectionStatus: 'connected' },
      { id: joined.memberId, name: 'A Phone', isHost: false, connectionStatus: 'connected', joinedAt: fixture.now() },
    ]);
    const news = await fixture.untilHeard(
      party,
      'member_joined',
      ({ connectionId }) => connectionId === guest.connectionId,
    );
    expect(news.member).toEqual(joined.members[1]);
    expect(host.connectionId).not.toBe(guest.connectionId);
  });

  it('says up to which event its answer knows: each newcomer hears of exactly those who came later', async () => {
    const party = await fixture.party({ maxMembers: 20 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => fixture.join(party, aGuest())));
    for (const { position, members } of answers) {
      const known = fixture
        .heardUpTo(party, position)
        .flatMap((news) => (news.type === 'member_joined' ? [news.member.id] : []));
      expect(new Set(known)).toEqual(new Set(members.map(({ id }) => id)));
    }
  });

  it('50 at once for 10 places: exactly 10 are in', async () => {
    const party = await fixture.party();
    const answers = await Promise.all(Array.from({ length: 50 }, () => fixture.ask(party, aGuest())));
    const results = answers.map((answer) => valueOf(answer));
    expect(results.filter(({ result }) => result === 'joined')).toHaveLength(10);
    const refused = results.filter(({ result }) => result !== 'joined');
    expect(refused).toEqual(Array.from({ length: 40 }, () => ({ result: 'full', maxMembers: 10, currentMembers: 10 })));
    expect(await fixture.members(party)).toHaveLength(10);
  });

  it('needs a session, and a host needs the token', async () => {
    const party = await fixture.party();
    expect(await fixture.ask({ id: newSessionId() }, aGuest())).toMatchObject({ error: { code: 'not_found' } });
    for (const token of [undefined, 'host_wrong', '']) {
      expect(await fixture.ask(party, aGuest('host'), token)).toMatchObject({ error: { code: 'unauthenticated' } });
    }
    const joined = await fixture.join(party, aGuest('host'), party.hostToken);
    expect(joined.memberId).toBe(party.session.hostId);
  });

  it('of a device that is there already is refused once: its old connection makes way', async () => {
    const party = await fixture.party();
    const guest = aGuest();
    const { memberId } = await fixture.join(party, guest);
    const next = again(guest);
    expect(valueOf(await fixture.ask(party, next))).toEqual({ result: 'already_joined' });
    await fixture.untilHeard(party, 'superseded', ({ connectionId }) => connectionId === guest.connectionId);
    expect(await fixture.status(party, memberId)).toBe('reconnecting');
    // What the old connection says when it goes is of no importance any more.
    expect((await fixture.join(party, next)).memberId).toBe(memberId);
    await fixture.lose(party, guest, 'error');
    expect(await fixture.status(party, memberId)).toBe('connected');
  });

  it('asked again by the same connection answers the same', async () => {
    const party = await fixture.party();
    const guest = aGuest();
    const first = await fixture.join(party, guest);
    expect((await fixture.join(party, guest)).memberId).toBe(first.memberId);
    expect(await fixture.members(party)).toHaveLength(1);
  });
});

describe('latency', () => {
  it('is what was measured last, of those who are connected', async () => {
    const party = await fixture.party();
    const guest = aGuest();
    await fixture.join(party, guest);
    for (const latency of [40, 23]) {
      valueOf(
        await fixture.bus.call(sessions.measured, { sessionId: party.id, connectionId: guest.connectionId, latency }),
      );
    }
    expect(await fixture.members(party)).toMatchObject([{ latency: 23 }]);
    await fixture.lose(party, guest);
    expect((await fixture.members(party))[0]).not.toHaveProperty('latency');
  });

  it('is forgotten when it is not measured any more', async () => {
    const party = await fixture.party();
    const guest = aGuest();
    await fixture.join(party, guest);
    const measured = { sessionId: party.id, connectionId: guest.connectionId, latency: 5 };
    valueOf(await fixture.bus.call(sessions.measured, measured));
    fixture.pass(90_001);
    expect((await fixture.members(party))[0]).not.toHaveProperty('latency');
  });
});

describe('texts', () => {
  it('that cannot be kept as they are, are refused as they come', async () => {
    const party = await fixture.party();
    for (const text of ['a\0b', '\ud800', 'a\udc00b', '\udc00\ud800']) {
      const asked = { sessionId: newSessionId(), name: text, address: '192.0.2.1' };
      expect(await fixture.bus.call(sessions.create, asked)).toMatchObject({
        error: { code: 'invalid', field: 'name' },
      });
      for (const field of ['id', 'name'] as const) {
        const guest = aGuest();
        const device = { ...guest.device, [field]: text };
        expect(await fixture.ask(party, { ...guest, device })).toMatchObject({
          error: { code: 'invalid', field: `device.${field}` },
        });
      }
    }
    const device = { id: '\u{1f3a7}', name: 'Ada\u2019s \u{1f4f1}\n', type: 'client' } as const;
    const joined = await fixture.join(party, aGuest('client', { device }));
    expect(joined.members).toMatchObject([{ name: device.name }]);
  });
});
