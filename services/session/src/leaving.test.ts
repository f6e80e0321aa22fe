import { newMemberId, newUserId, sessions } from '@parley/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aGuest, again, SessionFixture, valueOf, type Guest, type Party } from './test/session-fixture.js';

let fixture: SessionFixture;

beforeAll(async () => {
  fixture = await SessionFixture.start();
});
afterAll(() => fixture.stop());

function tokenOf({ hostToken }: Party) {
  return { by: 'host-token', token: hostToken } as const;
}

function connectionOf({ connectionId }: Guest) {
  return { by: 'connection', connectionId } as const;
}

async function leave(party: Party, { connectionId }: Guest): Promise<void> {
  valueOf(await fixture.bus.call(sessions.leave, { sessionId: party.id, connectionId }));
}

describe('leaving', () => {
  it('frees the place at once and says so; said twice it is the same', async () => {
    const party = await fixture.party({ maxMembers: 1 });
    const guest = aGuest();
    const { memberId } = await fixture.join(party, guest);
    await leave(party, guest);
    await leave(party, guest);
    expect(await fixture.untilHeard(party, 'member_left')).toMatchObject({ memberId, name: 'A Phone', reason: 'left' });
    await fixture.join(party, aGuest());
    expect(fixture.heard(party).filter(({ type }) => type === 'member_left')).toHaveLength(1);
  });

  it('of the host ends the session for all', async () => {
    const party = await fixture.party();
    const host = await fixture.host(party);
    await fixture.join(party, aGuest());
    await leave(party, host);
    expect(await fixture.untilHeard(party, 'closed')).toMatchObject({ reason: 'Host ended the session' });
    expect(await fixture.ask(party, aGuest())).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('kicking', () => {
  it('tells the member, then the others, and frees the place', async () => {
    const party = await fixture.party({ maxMembers: 2 });
    const [host, guest] = [await fixture.host(party), aGuest()];
    const { memberId } = await fixture.join(party, guest);
    const kick = { sessionId: party.id, memberId, authority: connectionOf(host), reason: 'Too loud' };
    valueOf(await fixture.bus.call(sessions.kick, kick));
    const left = await fixture.untilHeard(party, 'member_left');
    expect(left).toMatchObject({ memberId, reason: 'kicked' });
    const kicked = await fixture.untilHeard(party, 'kicked');
    expect(kicked).toMatchObject({ memberId, connectionId: guest.connectionId, reason: 'Too loud' });
    expect(fixture.heard(party).indexOf(kicked)).toBeLessThan(fixture.heard(party).indexOf(left));
    expect(await fixture.members(party)).toHaveLength(1);
  });

  it('is for the host, by connection or token, and for the account that made the session', async () => {
    const userId = newUserId();
    const party = await fixture.party({ userId });
    const [host, other] = [await fixture.host(party), aGuest()];
    await fixture.join(party, other);
    const refused = [
      connectionOf(other),
      connectionOf(aGuest()),
      { by: 'host-token', token: 'host_guessed' } as const,
      { by: 'user', userId: newUserId() } as const,
    ];
    for (const authority of refused) {
      const order = { sessionId: party.id, authority };
      const kick = { ...order, memberId: newMemberId() };
      expect(await fixture.bus.call(sessions.kick, kick)).toMatchObject({ error: { code: 'forbidden' } });
      expect(await fixture.bus.call(sessions.close, order)).toMatchObject({ error: { code: 'forbidden' } });
    }
    for (const authority of [connectionOf(host), tokenOf(party), { by: 'user', userId } as const]) {
      const { memberId } = await fixture.join(party, aGuest());
      valueOf(await fixture.bus.call(sessions.kick, { sessionId: party.id, memberId, authority }));
    }
  });

  it('does not work on who is not there, nor on the host', async () => {
    const party = await fixture.party();
    await fixture.host(party);
    const ask = (memberId = newMemberId()) =>
      fixture.bus.call(sessions.kick, { sessionId: party.id, memberId, authority: tokenOf(party) });
    expect(await ask()).toMatchObject({ error: { code: 'not_found' } });
    expect(await ask(party.session.hostId)).toMatchObject({ error: { code: 'forbidden' } });
  });
});

describe('closing', () => {
  it('tells everybody why, and there is no such session any more', async () => {
    const party = await fixture.party();
    await fixture.join(party, aGuest());
    const close = { sessionId: party.id, authority: tokenOf(party), reason: 'Good night' };
    valueOf(await fixture.bus.call(sessions.close, close));
    expect(await fixture.untilHeard(party, 'closed')).toMatchObject({ reason: 'Good night' });
    expect(await fixture.bus.call(sessions.close, close)).toMatchObject({ error: { code: 'not_found' } });
    expect(await fixture.bus.call(sessions.get, { sessionId: party.id })).toMatchObject({
      error: { code: 'not_found' },
    });
  });
});

describe('a lost connection', () => {
  it('keeps its place: reconnecting, then disconnected, then gone after 15 s', async () => {
    const party = await fixture.party();
    const guest = aGuest();
    const { memberId } = await fixture.join(party, guest);
    await fixture.lose(party, guest);
    await fixture.untilHeard(party, 'members', ({ members }) => members[0]?.connectionStatus === 'reconnecting');
    fixture.pass(7_900);
    expect(await fixture.status(party, memberId)).toBe('reconnecting');
    fixture.pass(100);
    await fixture.untilHeard(party, 'members', ({ members }) => members[0]?.connectionStatus === 'disconnected');
    fixture.pass(7_000);
    expect(await fixture.untilHeard(party, 'member_left')).toMatchObject({ memberId, reason: 'timeout' });
    expect(await fixture.members(party)).toEqual([]);
  });

  it('has its place back when the device returns, as the same member, in a session that is full', async () => {
    const party = await fixture.party({ maxMembers: 1 });
    const guest = aGuest();
    const before = await fixture.join(party, guest);
    fixture.pass(1_000);
    await fixture.lose(party, guest);
    expect(valueOf(await fixture.ask(party, aGuest()))).toMatchObject({ result: 'full' });
    const after = await fixture.join(party, again(guest));
    expect(after.memberId).toBe(before.memberId);
    expect(after.members).toEqual(before.members);
    await fixture.untilHeard(party, 'returned');
    await fixture.untilHeard(party, 'members', ({ members }) => members[0]?.connectionStatus === 'connected');
    expect(fixture.heard(party).filter(({ type }) => type === 'member_joined')).toHaveLength(1);
  });

  it('that was silent for too long, or was ended for what it did, has no place any more', async () => {
    const party = await fixture.party();
    for (const why of ['timeout', 'error'] as const) {
      const guest = aGuest();
      const { memberId } = await fixture.join(party, guest);
      await fixture.lose(party, guest, why);
      await fixture.untilHeard(party, 'member_left', (news) => news.memberId === memberId && news.reason === why);
    }
    expect(await fixture.members(party)).toEqual([]);
  });

  it('of an account is given back to that account alone', async () => {
    const party = await fixture.party();
    const mine = aGuest('client', { userId: newUserId(), guest: false });
    const { memberId } = await fixture.join(party, mine);
    await fixture.lose(party, mine);
    const thief = aGuest('client', { device: mine.device });
    expect(await fixture.ask(party, thief)).toMatchObject({ error: { code: 'unauthenticated' } });
    expect((await fixture.join(party, again(mine))).memberId).toBe(memberId);
  });
});

describe('a host that vanishes', () => {
  it.each(['gone', 'timeout', 'error'] as const)('(%s) has 30 s to come back, on any device', async (why) => {
    const party = await fixture.party();
    const host = await fixture.host(party);
    await fixture.join(party, aGuest());
    await fixture.lose(party, host, why);
    fixture.pass(29_900);
    expect(await fixture.status(party, party.session.hostId)).toBe('reconnecting');
    const joined = await fixture.join(party, aGuest('host'), party.hostToken);
    expect(joined.memberId).toBe(party.session.hostId);
    expect(await fixture.status(party, party.session.hostId)).toBe('connected');
  });

  it('and does not: the session closes for all', async () => {
    const party = await fixture.party();
    const host = await fixture.host(party);
    await fixture.join(party, aGuest());
    await fixture.lose(party, host);
    fixture.pass(30_000);
    expect(await fixture.untilHeard(party, 'closed')).toMatchObject({ reason: 'Host did not come back' });
    expect(await fixture.ask(party, aGuest())).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('an idle session', () => {
  it('closes after 24 h without anybody, never while somebody is connected', async () => {
    const [empty, occupied] = [await fixture.party(), await fixture.party()];
    await fixture.join(occupied, aGuest());
    fixture.pass(24 * 3_600_000 - 1);
    expect(await fixture.members(empty)).toEqual([]);
    fixture.pass(1);
    expect(await fixture.untilHeard(empty, 'closed')).toMatchObject({ reason: 'Session expired' });
    expect(await fixture.members(occupied)).toHaveLength(1);
  });

  it('counts from when the last one left', async () => {
    const party = await fixture.party();
    const guest = aGuest();
    await fixture.join(party, guest);
    fixture.pass(24 * 3_600_000);
    const { id: sessionId } = party;
    valueOf(await fixture.bus.call(sessions.leave, { sessionId, connectionId: guest.connectionId }));
    fixture.pass(24 * 3_600_000 - 1);
    expect(await fixture.members(party)).toEqual([]);
    fixture.pass(1);
    expect(await fixture.untilHeard(party, 'closed')).toMatchObject({ reason: 'Session expired' });
  });
});
