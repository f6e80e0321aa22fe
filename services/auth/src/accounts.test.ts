import { auth as contract, newLoginId, newUserId } from '@parley/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loginOf, verified } from './testing/tokens.js';
import { address, freshName, must, password, registerUser, startWorld, type World } from './testing/world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.replica();
});
afterAll(() => world.stop());

describe('register', () => {
  it('makes an account and logs it in', async () => {
    const username = freshName();
    const request = { username, email: 'Ann@Example.org', password, address };
    const grant = await must(world.bus.call(contract.register, request));
    expect(grant.user).toMatchObject({ username, email: 'Ann@Example.org', avatarUrl: null });
    expect(grant.expiresIn).toBe(900);
    const claims = await verified(world.bus, grant.accessToken, world.clock.now);
    expect(claims).toMatchObject({ iss: 'parley', aud: 'parley', sub: grant.user.id, username });
    expect(claims.exp - claims.iat).toBe(900);
    expect(claims).not.toHaveProperty('topics');
  });

  it('gives a name and an address to one account only, in whatever case', async () => {
    const { user } = await registerUser(world);
    const other = { username: user.username.toUpperCase(), password, address };
    const taken = await world.bus.call(contract.register, other);
    expect(taken).toMatchObject({ ok: false, error: { code: 'conflict', field: 'username' } });

    await must(world.bus.call(contract.register, { username: freshName(), email: 'b@example.org', password, address }));
    const again = { username: freshName(), email: 'B@EXAMPLE.ORG', password, address };
    const takenToo = await world.bus.call(contract.register, again);
    expect(takenToo).toMatchObject({ ok: false, error: { code: 'conflict', field: 'email' } });
    expect(await world.bus.call(contract.findUser, { username: again.username })).toMatchObject({ ok: false });
  });

  it('lets one of many who want a name at once have it', async () => {
    const username = freshName();
    const tries = Array.from({ length: 8 }, () => world.bus.call(contract.register, { username, password, address }));
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    for (const outcome of outcomes) {
      if (!outcome.ok) expect(outcome.error).toMatchObject({ code: 'conflict', field: 'username' });
    }
  });

  it('refuses what a column cannot hold and what a token cannot carry', async () => {
    const base = { username: freshName(), password, address };
    const odd = await world.bus.call(contract.register, { ...base, email: 'a\0@b' });
    expect(odd).toMatchObject({ ok: false, error: { code: 'invalid', field: 'email' } });
    const grants = { subscribe: Array.from({ length: 64 }, (_, i) => `${'a'.repeat(200)}${String(i)}`) };
    const checked = contract.register.requestCheck;
    const large = { ...base, topics: grants };
    if (!checked.is(large)) throw new Error(checked.explain(large).message);
    const refused = await world.bus.call(contract.register, large);
    expect(refused).toMatchObject({ ok: false, error: { code: 'invalid', field: 'topics' } });
  });
});

describe('getUser and findUser', () => {
  it('find by id, and by name in whatever case', async () => {
    const { user } = await registerUser(world);
    expect(await must(world.bus.call(contract.getUser, { userId: user.id }))).toEqual(user);
    const username = user.username.toUpperCase();
    expect(await must(world.bus.call(contract.findUser, { username }))).toEqual(user);
  });

  it('say not_found', async () => {
    const nobody = { ok: false, error: { code: 'not_found' } };
    expect(await world.bus.call(contract.getUser, { userId: newUserId() })).toMatchObject(nobody);
    expect(await world.bus.call(contract.findUser, { username: 'nobody_at_all' })).toMatchObject(nobody);
  });
});

describe('updateUser', () => {
  async function someone() {
    const grant = await registerUser(world);
    const loginId = await loginOf(world.bus, grant.accessToken, world.clock.now);
    return { user: grant.user, login: { userId: grant.user.id, loginId } };
  }

  it('changes what is given, and nothing else', async () => {
    const { user, login } = await someone();
    const avatarUrl = 'https://example.org/a.png';
    const email = 'carol@example.org';
    const changed = await must(world.bus.call(contract.updateUser, { ...login, avatarUrl, email }));
    expect(changed).toEqual({ ...user, avatarUrl, email });
    const cleared = await must(world.bus.call(contract.updateUser, { ...login, avatarUrl: null, email: null }));
    expect(cleared).toEqual(user);
    expect(await must(world.bus.call(contract.updateUser, login))).toEqual(user);
    const username = freshName();
    expect(await must(world.bus.call(contract.updateUser, { ...login, username }))).toEqual({ ...user, username });
    // The case of one's own name is no conflict.
    await must(world.bus.call(contract.updateUser, { ...login, username: username.toUpperCase() }));
  });

  it('keeps names unique', async () => {
    const { user } = await someone();
    const { login } = await someone();
    const username = user.username.toUpperCase();
    const taken = await world.bus.call(contract.updateUser, { ...login, username });
    expect(taken).toMatchObject({ ok: false, error: { code: 'conflict', field: 'username' } });
  });

  it('needs the current password for a new one, and ends every other login', async () => {
    const { user, login } = await someone();
    const other = await must(world.bus.call(contract.login, { username: user.username, password, address }));
    const otherLogin = await loginOf(world.bus, other.accessToken, world.clock.now);
    const wish = { ...login, password: 'a new password' };
    expect(await world.bus.call(contract.updateUser, wish)).toMatchObject({
      ok: false,
      error: { code: 'invalid', field: 'currentPassword' },
    });
    expect(await world.bus.call(contract.updateUser, { ...wish, currentPassword: 'wrong' })).toMatchObject({
      ok: false,
      error: { code: 'forbidden', field: 'currentPassword' },
    });

    await must(world.bus.call(contract.updateUser, { ...wish, currentPassword: password }));
    const loginIds = [login.loginId, otherLogin];
    expect(await must(world.bus.call(contract.checkLogins, { loginIds }))).toEqual({ invalid: [otherLogin] });
    await expect
      .poll(() => world.revocations)
      .toContainEqual({ type: 'revoked', userId: user.id, loginIds: [otherLogin], reason: 'password_changed' });
    const { username } = user;
    expect((await world.bus.call(contract.login, { username, password, address })).ok).toBe(false);
    expect((await world.bus.call(contract.login, { username, password: wish.password, address })).ok).toBe(true);
  });

  it('is only for the living logins of the user', async () => {
    const { user, login } = await someone();
    const stranger = await someone();
    const ended = { ok: false, error: { code: 'forbidden' } };
    const avatarUrl = 'https://example.org/b.png';
    const ask = (loginId = login.loginId) =>
      world.bus.call(contract.updateUser, { userId: user.id, loginId, avatarUrl });
    expect(await ask(stranger.login.loginId)).toMatchObject(ended);
    expect(await ask(newLoginId())).toMatchObject(ended);
    await must(world.bus.call(contract.logout, { loginId: login.loginId }));
    expect(await ask()).toMatchObject(ended);
  });

  it('does not let a login with the old password slip through a change of it', async () => {
    const { user, login } = await someone();
    const next = 'a new password';
    const logins = Array.from({ length: 12 }, () =>
      world.bus.call(contract.login, { username: user.username, password, address }),
    );
    const change = world.bus.call(contract.updateUser, { ...login, password: next, currentPassword: password });
    const outcomes = await Promise.all(logins);
    await must(change);
    const loginIds = [];
    for (const outcome of outcomes) {
      if (outcome.ok) loginIds.push(await loginOf(world.bus, outcome.value.accessToken, world.clock.now));
    }
    expect(await must(world.bus.call(contract.checkLogins, { loginIds }))).toEqual({ invalid: loginIds });
  });
});

it('never logs a password or a token', async () => {
  const grant = await registerUser(world);
  const loginId = await loginOf(world.bus, grant.accessToken, world.clock.now);
  await must(world.bus.call(contract.refresh, { refreshToken: grant.refreshToken, address }));
  const secrets = [password, grant.refreshToken, grant.accessToken];
  await world.bus.call(contract.login, { username: password, password, address });
  await must(world.bus.call(contract.logout, { loginId }));
  for (const secret of secrets) expect(world.log.some((line) => line.includes(secret))).toBe(false);
});
