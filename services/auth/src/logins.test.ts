import { auth as contract, compile, newLoginId, newUserId, TopicGrants } from '@parley/contracts';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn as verb } from './log-in.js';
import { loginOf, verified } from './testing/tokens.js';
import { address, freshName, must, password, registerUser, startWorld, type World } from './testing/world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.replica();
});
afterAll(() => world.stop());

const logIn = (username: string) => world.bus.call(contract.login, { username, password, address });

describe('login', () => {
  it('takes the username or the e-mail address, in whatever case, each a login of its own', async () => {
    const username = freshName();
    const email = `${username}@example.org`;
    await must(world.bus.call(contract.register, { username, email, password, address }));
    const base = { password, address };
    const grants = [
      await must(world.bus.call(contract.login, { ...base, username: username.toUpperCase() })),
      await must(world.bus.call(contract.login, { ...base, email: email.toUpperCase() })),
      await must(world.bus.call(contract.login, { ...base, username: email })),
    ];
    const sids = new Set<string>();
    for (const grant of grants) sids.add((await verified(world.bus, grant.accessToken, world.clock.now)).sid);
    expect(sids.size).toBe(3);
  });

  it('answers a wrong password and an unknown name alike', async () => {
    const { user } = await registerUser(world);
    const wrong = await world.bus.call(contract.login, { username: user.username, password: 'wrong', address });
    const unknown = await world.bus.call(contract.login, { username: freshName(), password, address });
    const odd = await world.bus.call(contract.login, { username: 'a\0b', password, address });
    expect(wrong).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
    expect(unknown).toEqual(wrong);
    expect(odd).toEqual(wrong);
  });

  it('needs exactly one name', async () => {
    const none = await world.bus.call(contract.login, { password, address });
    expect(none).toMatchObject({ ok: false, error: { code: 'invalid', field: 'username' } });
    const both = await world.bus.call(contract.login, { username: 'a', email: 'a@b', password, address });
    expect(both).toMatchObject({ ok: false, error: { code: 'invalid', field: 'email' } });
  });

  it('can be confined to topics, through every refresh', async () => {
    const { user } = await registerUser(world);
    const topics: unknown = { subscribe: ['chat.*'], publish: [] };
    if (!compile(TopicGrants).is(topics)) throw new Error('no grants');
    const request = { username: user.username, password, address, topics };
    const first = await must(world.bus.call(contract.login, request));
    const second = await must(world.bus.call(contract.refresh, { refreshToken: first.refreshToken, address }));
    for (const { accessToken } of [first, second]) {
      expect(await verified(world.bus, accessToken, world.clock.now)).toMatchObject({ topics });
    }
  });

  it('renews a hash that was made with other parameters', async () => {
    const { user } = await registerUser(world);
    const hashOf = async () => {
      const query = world.database.kysely.selectFrom('users').select(['password_hash', 'password_version']);
      return query.where('id', '=', user.id).executeTakeFirstOrThrow();
    };
    const before = await hashOf();
    const tuned = await world.replica({ PARLEY_AUTH_HASH_PASSES: '2' });
    // Asked directly, so that no other replica answers.
    await must(verb(tuned.auth, { username: user.username, password, address }));
    await tuned.stop();
    const after = await hashOf();
    expect(before.password_hash).toContain('t=1');
    expect(after.password_hash).toContain('t=2');
    expect(after.password_version).toBe(before.password_version);
    expect((await logIn(user.username)).ok).toBe(true);
  });
});

describe('logout', () => {
  it('ends one login, tells every gateway, and says nothing the second time', async () => {
    const grant = await registerUser(world);
    const { user } = grant;
    const loginId = await loginOf(world.bus, grant.accessToken, world.clock.now);
    const other = await loginOf(world.bus, (await must(logIn(user.username))).accessToken, world.clock.now);
    const event = { type: 'revoked', userId: user.id, loginIds: [loginId], reason: 'logout' };
    await must(world.bus.call(contract.logout, { loginId }));
    await expect.poll(() => world.revocations).toContainEqual(event);
    expect(await must(world.bus.call(contract.checkLogins, { loginIds: [loginId, other] }))).toEqual({
      invalid: [loginId],
    });
    const refreshed = await world.bus.call(contract.refresh, { refreshToken: grant.refreshToken, address });
    expect(refreshed).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });

    await must(world.bus.call(contract.logout, { loginId }));
    await must(world.bus.call(contract.logout, { loginId: newLoginId() }));
    await must(world.bus.call(contract.logout, { loginId: other }));
    await expect.poll(() => world.revocations).toContainEqual({ ...event, loginIds: [other] });
    expect(world.revocations.filter((seen) => seen.loginIds.includes(loginId))).toHaveLength(1);
  });
});

describe('revokeUser', () => {
  it('ends every login of the user and of nobody else; they may log in again', async () => {
    const stranger = await loginOf(world.bus, (await registerUser(world)).accessToken, world.clock.now);
    const { user, accessToken } = await registerUser(world);
    const loginIds = [await loginOf(world.bus, accessToken, world.clock.now)];
    for (let i = 0; i < 3; i++) {
      loginIds.push(await loginOf(world.bus, (await must(logIn(user.username))).accessToken, world.clock.now));
    }
    expect(await must(world.bus.call(contract.revokeUser, { userId: user.id }))).toEqual({ revoked: 4 });
    const event = await expect
      .poll(() => world.revocations.find((seen) => seen.userId === user.id))
      .toMatchObject({ reason: 'revoked' })
      .then(() => world.revocations.find((seen) => seen.userId === user.id));
    expect(new Set(event?.loginIds)).toEqual(new Set(loginIds));
    const asked = { loginIds: [stranger, ...loginIds] };
    expect(await must(world.bus.call(contract.checkLogins, asked))).toEqual({ invalid: loginIds });
    expect(await must(world.bus.call(contract.revokeUser, { userId: user.id }))).toEqual({ revoked: 0 });
    expect((await logIn(user.username)).ok).toBe(true);
  });

  it('tells of a user without logins too: guests that they answer for have to go', async () => {
    const { user, accessToken } = await registerUser(world);
    await must(world.bus.call(contract.logout, { loginId: await loginOf(world.bus, accessToken, world.clock.now) }));
    expect(await must(world.bus.call(contract.revokeUser, { userId: user.id }))).toEqual({ revoked: 0 });
    const event = { type: 'revoked', userId: user.id, loginIds: [], reason: 'revoked' };
    await expect.poll(() => world.revocations).toContainEqual(event);
  });

  it('splits what one message of the bus could not hold', async () => {
    const { user } = await registerUser(world);
    const expires = new Date(world.clock.now + 60_000);
    const rows = Array.from({ length: 2_100 }, () => ({
      id: newLoginId(),
      user_id: user.id,
      topics: null,
      created_at: expires,
      expires_at: expires,
      revoked_at: null,
      revoked_reason: null,
    }));
    await world.database.kysely.insertInto('logins').values(rows).execute();
    expect(await must(world.bus.call(contract.revokeUser, { userId: user.id }))).toEqual({ revoked: 2_101 });
    const told = () => world.revocations.filter((seen) => seen.userId === user.id);
    await expect.poll(() => told().flatMap((event) => event.loginIds).length).toBe(2_101);
    expect(told()).toHaveLength(3);
  });

  it('says not_found', async () => {
    const outcome = await world.bus.call(contract.revokeUser, { userId: newUserId() });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });
});

describe('banUser', () => {
  it('ends every login and refuses new ones, until the ban is lifted', async () => {
    const { user, accessToken, refreshToken } = await registerUser(world);
    const loginId = await loginOf(world.bus, accessToken, world.clock.now);
    expect(await must(world.bus.call(contract.banUser, { userId: user.id }))).toEqual({ revoked: 1 });
    const event = { type: 'revoked', userId: user.id, loginIds: [loginId], reason: 'revoked' };
    await expect.poll(() => world.revocations).toContainEqual(event);
    expect(await logIn(user.username)).toMatchObject({ ok: false, error: { code: 'forbidden' } });
    const refreshed = await world.bus.call(contract.refresh, { refreshToken, address });
    expect(refreshed).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
    expect(await must(world.bus.call(contract.isBanned, { userId: user.id }))).toEqual({ banned: true });

    expect(await must(world.bus.call(contract.banUser, { userId: user.id }))).toEqual({ revoked: 0 });
    await must(world.bus.call(contract.unbanUser, { userId: user.id }));
    expect(await must(world.bus.call(contract.isBanned, { userId: user.id }))).toEqual({ banned: false });
    expect((await logIn(user.username)).ok).toBe(true);
    expect(await must(world.bus.call(contract.checkLogins, { loginIds: [loginId] }))).toEqual({ invalid: [loginId] });
  });

  it('is told only to who knows the password', async () => {
    const { user } = await registerUser(world);
    await must(world.bus.call(contract.banUser, { userId: user.id }));
    const guess = { username: user.username, password: 'wrong password', address };
    expect(await world.bus.call(contract.login, guess)).toMatchObject({ error: { code: 'unauthenticated' } });
  });

  it('lets no login through that was under way', async () => {
    const { user } = await registerUser(world);
    const outcomes = await Promise.all([
      ...Array.from({ length: 5 }, () => logIn(user.username)),
      world.bus.call(contract.banUser, { userId: user.id }),
    ]);
    const { rows } = await sql<{ alive: number }>`
      SELECT count(*) AS alive FROM auth.logins WHERE user_id = ${user.id} AND revoked_at IS NULL
    `.execute(world.database.kysely);
    expect([outcomes.at(-1)?.ok, rows]).toEqual([true, [{ alive: 0 }]]);
  });

  it('says not_found', async () => {
    const nobody = { userId: newUserId() };
    expect(await world.bus.call(contract.banUser, nobody)).toMatchObject({ ok: false, error: { code: 'not_found' } });
    expect(await world.bus.call(contract.unbanUser, nobody)).toMatchObject({ ok: false, error: { code: 'not_found' } });
    expect(await must(world.bus.call(contract.isBanned, nobody))).toEqual({ banned: false });
  });
});

describe('checkLogins', () => {
  it('calls unknown and expired logins invalid', async () => {
    const { accessToken } = await registerUser(world);
    const loginId = await loginOf(world.bus, accessToken, world.clock.now);
    const unknown = newLoginId();
    const ask = () => must(world.bus.call(contract.checkLogins, { loginIds: [loginId, unknown] }));
    expect(await ask()).toEqual({ invalid: [unknown] });
    expect(await must(world.bus.call(contract.checkLogins, { loginIds: [] }))).toEqual({ invalid: [] });
    const before = world.clock.now;
    world.clock.now += 7 * 86_400_000;
    expect(await ask()).toEqual({ invalid: [loginId, unknown] });
    world.clock.now = before;
  });
});
