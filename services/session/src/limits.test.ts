import { newSessionId, newUserId, sessions } from '@parley/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aGuest, SessionFixture, valueOf } from './test/session-fixture.js';

describe('where an account is required', () => {
  let fixture: SessionFixture;

  beforeAll(async () => {
    fixture = await SessionFixture.start({ PARLEY_SESSION_ACCOUNT_REQUIRED: 'true' });
  });
  afterAll(() => fixture.stop());

  it('nobody makes a session without one, nor joins one, not even with its host token', async () => {
    const request = { sessionId: newSessionId(), name: 'A party', address: '192.0.2.7' };
    expect(await fixture.bus.call(sessions.create, request)).toMatchObject({ error: { code: 'unauthenticated' } });
    const party = await fixture.party({ userId: newUserId() });
    expect(await fixture.ask(party, aGuest())).toMatchObject({ error: { code: 'unauthenticated' } });
    const host = aGuest('host');
    expect(await fixture.ask(party, host, party.hostToken)).toMatchObject({ error: { code: 'unauthenticated' } });
    await fixture.join(party, { ...host, guest: false }, party.hostToken);
    await fixture.join(party, aGuest('client', { guest: false }));
  });
});

describe('sessions without an account', () => {
  let fixture: SessionFixture;

  beforeAll(async () => {
    fixture = await SessionFixture.start({ PARLEY_SESSION_PER_ADDRESS_MAX: '2', PARLEY_SESSION_MEMBERS_DEFAULT: '3' });
  });
  afterAll(() => fixture.stop());

  it('are limited per address, of IPv6 per /64; a closed one makes room', async () => {
    const make = (address: string) =>
      fixture.bus.call(sessions.create, { sessionId: newSessionId(), name: 'A party', address });
    const first = valueOf(await make('2001:db8::1'));
    expect(first.session.maxMembers).toBe(3);
    valueOf(await make('2001:db8::2'));
    expect(await make('2001:db8::3')).toMatchObject({ error: { code: 'limit_exceeded' } });
    valueOf(await make('2001:db8:0:1::1'));
    const authority = { by: 'host-token', token: first.hostToken } as const;
    valueOf(await fixture.bus.call(sessions.close, { sessionId: first.session.id, authority }));
    valueOf(await make('2001:db8::3'));
  });
});
