import { auth as contract } from '@parley/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRefreshToken } from './refresh-token.js';
import { refresh } from './refresh.js';
import { loginOf, verified } from './testing/tokens.js';
import { address, must, registerUser, startWorld, type World } from './testing/world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await Promise.all([world.replica(), world.replica()]);
});
afterAll(() => world.stop());

const rejected = { ok: false, error: { code: 'unauthenticated' } };
const use = (refreshToken: string) => world.bus.call(contract.refresh, { refreshToken, address });

async function freshLogin() {
  const grant = await registerUser(world);
  return { ...grant, loginId: await loginOf(world.bus, grant.accessToken, world.clock.now) };
}

function reuseOf(loginId: string) {
  return world.revocations.filter((seen) => seen.loginIds.some((id) => id === loginId));
}

async function isAlive(login: { loginId: Awaited<ReturnType<typeof freshLogin>>['loginId'] }): Promise<boolean> {
  const { invalid } = await must(world.bus.call(contract.checkLogins, { loginIds: [login.loginId] }));
  return invalid.length === 0;
}

describe('refresh', () => {
  it('gives a new pair for the same login, time after time', async () => {
    const login = await freshLogin();
    let token = login.refreshToken;
    const seen = new Set([token]);
    for (let i = 0; i < 5; i++) {
      const grant = await must(use(token));
      const claims = await verified(world.bus, grant.accessToken, world.clock.now);
      expect(claims).toMatchObject({ sid: login.loginId, sub: login.user.id });
      token = grant.refreshToken;
      seen.add(token);
      world.clock.now += 60_000;
    }
    expect(seen.size).toBe(6);
  });

  it('keeps only hashes', async () => {
    const login = await freshLogin();
    const next = await must(use(login.refreshToken));
    const rows = await world.database.kysely.selectFrom('refresh_tokens').selectAll().execute();
    const columns = rows.flatMap((row) => [row.hash, row.successor_hash, row.successor_salt]);
    for (const token of [login.refreshToken, next.refreshToken]) {
      const forms = [Buffer.from(token), Buffer.from(token, 'base64url')];
      expect(columns.some((column) => forms.some((form) => column?.equals(form)))).toBe(false);
    }
  });

  it('tells the user as they are now', async () => {
    const login = await freshLogin();
    const username = `${login.user.username}_renamed`;
    await must(world.bus.call(contract.updateUser, { userId: login.user.id, loginId: login.loginId, username }));
    const grant = await must(use(login.refreshToken));
    expect(grant.user.username).toBe(username);
    expect(await verified(world.bus, grant.accessToken, world.clock.now)).toMatchObject({ username });
  });

  it('refuses what it does not know, and what has expired', async () => {
    expect(await use(newRefreshToken())).toMatchObject(rejected);
    expect(await use('')).toMatchObject(rejected);
    const login = await freshLogin();
    world.clock.now += 7 * 86_400_000;
    expect(await use(login.refreshToken)).toMatchObject(rejected);
    expect(reuseOf(login.loginId)).toEqual([]);
  });

  it('answers a retry within the grace with the same successor: the reply may have been lost', async () => {
    const login = await freshLogin();
    const first = await must(use(login.refreshToken));
    world.clock.now += 9_999;
    const retried = await must(use(login.refreshToken));
    expect(retried.refreshToken).toBe(first.refreshToken);
    await must(use(retried.refreshToken));
  });

  it('ends the login when a used token comes back after the grace', async () => {
    const login = await freshLogin();
    const next = await must(use(login.refreshToken));
    world.clock.now += 10_000;
    expect(await use(login.refreshToken)).toMatchObject(rejected);
    expect(await use(next.refreshToken)).toMatchObject(rejected);
    expect(await isAlive(login)).toBe(false);
    const { user, loginId } = login;
    const event = { type: 'revoked', userId: user.id, loginIds: [loginId], reason: 'refresh_token_reused' };
    await expect.poll(() => reuseOf(loginId)).toEqual([event]);
    expect(world.log.some((line) => line.includes('came back') && line.includes(loginId))).toBe(true);
  });

  it('ends the login when its successor was used already, however soon', async () => {
    const login = await freshLogin();
    const next = await must(use(login.refreshToken));
    const last = await must(use(next.refreshToken));
    expect(await use(login.refreshToken)).toMatchObject(rejected);
    expect(await use(last.refreshToken)).toMatchObject(rejected);
    await expect.poll(() => reuseOf(login.loginId)).toHaveLength(1);
  });

  it('ends the login for the use of any older token of the family', async () => {
    const login = await freshLogin();
    let token = login.refreshToken;
    for (let i = 0; i < 4; i++) {
      world.clock.now += 900_000;
      token = (await must(use(token))).refreshToken;
    }
    expect(await use(login.refreshToken)).toMatchObject(rejected);
    expect(await use(token)).toMatchObject(rejected);
  });

  it('gives all who use one token at once the one successor', async () => {
    const login = await freshLogin();
    const grants = await Promise.all(Array.from({ length: 8 }, () => must(use(login.refreshToken))));
    const successors = new Set(grants.map((grant) => grant.refreshToken));
    expect(successors.size).toBe(1);
    const rows = await world.database.kysely
      .selectFrom('refresh_tokens')
      .select('used_at')
      .where('login_id', '=', login.loginId)
      .execute();
    expect(rows.filter((row) => row.used_at === null)).toHaveLength(1);
    for (const successor of successors) await must(use(successor));
  });

  it('without a grace lets one of two win, and the other end the login', async () => {
    const strict = await world.replica({ PARLEY_AUTH_REFRESH_GRACE_SECONDS: '0' });
    const login = await freshLogin();
    const request = { refreshToken: login.refreshToken, address };
    const outcomes = await Promise.all([refresh(strict.auth, request), refresh(strict.auth, request)]);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(await isAlive(login)).toBe(false);
    await expect.poll(() => reuseOf(login.loginId)).toHaveLength(1);
    await strict.stop();
  });

  it('races with a logout without reviving the login', async () => {
    const logins = await Promise.all(Array.from({ length: 6 }, freshLogin));
    for (const login of logins) {
      const [, refreshed] = await Promise.all([
        must(world.bus.call(contract.logout, { loginId: login.loginId })),
        use(login.refreshToken),
      ]);
      expect(await isAlive(login)).toBe(false);
      const left = refreshed.ok ? refreshed.value.refreshToken : login.refreshToken;
      expect(await use(left)).toMatchObject(rejected);
    }
  });
});
