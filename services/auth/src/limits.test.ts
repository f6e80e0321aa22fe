import { auth as contract, type ErrorCode, type Outcome } from '@parley/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newRefreshToken } from './refresh-token.js';
import { address, freshName, must, password, registerUser, startWorld, type World } from './testing/world.js';

const windowMs = 900_000;
let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const guess = (username: string, from = address) =>
  world.bus.call(contract.login, { username, password: 'wrong password', address: from });
const logIn = (username: string, from = address) =>
  world.bus.call(contract.login, { username, password, address: from });

function codes(outcomes: readonly Outcome<unknown>[]): (ErrorCode | 'ok')[] {
  return outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code));
}

async function times<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < count; i++) results.push(await work(i));
  return results;
}

describe('attempts per account', () => {
  it('are limited over all addresses and replicas, and come back evenly', async () => {
    const env = { PARLEY_AUTH_ATTEMPTS_PER_ACCOUNT: '5' };
    await Promise.all([world.replica(env), world.replica(env)]);
    const { user } = await registerUser(world);
    const outcomes = await times(7, (i) => guess(user.username, `198.51.100.${String(i)}`));
    const expected = [...Array.from({ length: 5 }, () => 'unauthenticated'), 'rate_limited', 'rate_limited'];
    expect(codes(outcomes)).toEqual(expected);
    // The right password does not help either, or a guesser would know it.
    const locked = await logIn(user.username);
    expect(locked).toMatchObject({ ok: false, error: { code: 'rate_limited', retryAfterMs: windowMs / 5 } });

    world.clock.now += windowMs / 5 - 1;
    expect(codes([await guess(user.username)])).toEqual(['rate_limited']);
    world.clock.now += 1;
    expect(codes([await logIn(user.username), await logIn(user.username)])).toEqual(['ok', 'ok']);
  });

  it('are all counted when they come at once', async () => {
    const env = { PARLEY_AUTH_ATTEMPTS_PER_ACCOUNT: '5' };
    await Promise.all([world.replica(env), world.replica(env)]);
    const { user } = await registerUser(world);
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => guess(user.username)));
    expect(codes(outcomes).filter((code) => code === 'unauthenticated')).toHaveLength(5);
  });

  it('are forgotten with the right password', async () => {
    await world.replica({ PARLEY_AUTH_ATTEMPTS_PER_ACCOUNT: '3' });
    const { user } = await registerUser(world);
    for (let round = 0; round < 3; round++) {
      expect(codes(await times(2, () => guess(user.username)))).toEqual(['unauthenticated', 'unauthenticated']);
      expect(codes([await logIn(user.username)])).toEqual(['ok']);
    }
  });

  it('hold for names that do not exist, as for those that do', async () => {
    await world.replica({ PARLEY_AUTH_ATTEMPTS_PER_ACCOUNT: '2' });
    const name = freshName();
    expect(codes(await times(3, () => guess(name)))).toEqual(['unauthenticated', 'unauthenticated', 'rate_limited']);
    // Another spelling of the same name is no other account.
    expect(codes([await guess(name.toUpperCase())])).toEqual(['rate_limited']);
  });

  it('count wrong current passwords of updateUser', async () => {
    const replica = await world.replica({ PARLEY_AUTH_ATTEMPTS_PER_ACCOUNT: '2' });
    const { user } = await registerUser(world);
    const query = replica.auth.database.kysely.selectFrom('logins').select('id').where('user_id', '=', user.id);
    const { id: loginId } = await query.executeTakeFirstOrThrow();
    const change = (currentPassword: string) =>
      world.bus.call(contract.updateUser, { userId: user.id, loginId, password: 'another one', currentPassword });
    const outcomes = await times(3, (i) => change(i < 2 ? 'wrong' : password));
    expect(codes(outcomes)).toEqual(['forbidden', 'forbidden', 'rate_limited']);
  });
});

describe('attempts per address', () => {
  it('are limited whatever names are tried; what succeeds does not count', async () => {
    await world.replica({ PARLEY_AUTH_ATTEMPTS_PER_ADDRESS: '4' });
    const { user } = await registerUser(world);
    expect(codes(await times(10, () => logIn(user.username)))).toEqual(Array.from({ length: 10 }, () => 'ok'));
    const outcomes = await times(5, () => guess(freshName()));
    expect(codes(outcomes)).toEqual([...Array.from({ length: 4 }, () => 'unauthenticated'), 'rate_limited']);
    expect(codes([await logIn(user.username), await logIn(user.username, '203.0.113.9')])).toEqual([
      'rate_limited',
      'ok',
    ]);
  });

  it('take the addresses of one IPv6 network as one', async () => {
    await world.replica({ PARLEY_AUTH_ATTEMPTS_PER_ADDRESS: '2' });
    const outcomes = await times(3, (i) => guess(freshName(), `2001:db8:1:2::${String(i)}`));
    expect(codes(outcomes)).toEqual(['unauthenticated', 'unauthenticated', 'rate_limited']);
    expect(codes([await guess(freshName(), '2001:db8:1:3::1')])).toEqual(['unauthenticated']);
  });

  it('count unknown refresh tokens', async () => {
    await world.replica({ PARLEY_AUTH_ATTEMPTS_PER_ADDRESS: '2' });
    const use = () => world.bus.call(contract.refresh, { refreshToken: newRefreshToken(), address });
    expect(codes(await times(3, use))).toEqual(['unauthenticated', 'unauthenticated', 'rate_limited']);
  });
});

describe('registrations and refreshes', () => {
  it('are limited per address and per login', async () => {
    await world.replica({ PARLEY_AUTH_REGISTRATIONS_PER_ADDRESS: '2', PARLEY_AUTH_REFRESHES_PER_LOGIN: '2' });
    const register = () => world.bus.call(contract.register, { username: freshName(), password, address });
    const first = await must(register());
    expect(codes(await times(2, register))).toEqual(['ok', 'rate_limited']);

    let token = first.refreshToken;
    for (let i = 0; i < 2; i++) {
      token = (await must(world.bus.call(contract.refresh, { refreshToken: token, address }))).refreshToken;
    }
    const use = () => world.bus.call(contract.refresh, { refreshToken: token, address });
    expect(await use()).toMatchObject({ ok: false, error: { code: 'rate_limited', retryAfterMs: windowMs / 2 } });
    // Nothing was spent: the token works when its time has come.
    world.clock.now += windowMs / 2;
    expect(codes([await use()])).toEqual(['ok']);
  });

  it('are not limited where the option is 0', async () => {
    await world.replica({ PARLEY_AUTH_ATTEMPTS_PER_ACCOUNT: '0', PARLEY_AUTH_ATTEMPTS_PER_ADDRESS: '0' });
    const { user } = await registerUser(world);
    const outcomes = await times(150, () => guess(user.username));
    expect(new Set(codes(outcomes))).toEqual(new Set(['unauthenticated']));
  });
});

describe('too many passwords to hash', () => {
  it('are refused with a time to try again, and count as no attempt', async () => {
    const costly = { PARLEY_AUTH_HASH_MEMORY_KIB: '19456', PARLEY_AUTH_HASH_PASSES: '2' };
    const bounds = {
      PARLEY_AUTH_HASH_PARALLEL: '1',
      PARLEY_AUTH_HASH_QUEUE: '2',
      PARLEY_AUTH_ATTEMPTS_PER_ACCOUNT: '20',
    };
    await world.replica({ ...costly, ...bounds });
    const { user } = await registerUser(world);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => guess(user.username)));
    const refused = outcomes.filter((outcome) => !outcome.ok && outcome.error.code === 'unavailable');
    expect(refused.length).toBeGreaterThan(0);
    for (const outcome of refused) expect(outcome).toMatchObject({ error: { retryAfterMs: 1_000 } });
    const tried = outcomes.length - refused.length;
    expect(tried).toBeGreaterThanOrEqual(3);
    const more = await times(20 - tried + 1, () => guess(user.username));
    expect(codes(more).filter((code) => code === 'unauthenticated')).toHaveLength(20 - tried);
    expect(codes(more).at(-1)).toBe('rate_limited');
  });
});
