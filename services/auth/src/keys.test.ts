import { auth as contract, type PublicKey } from '@parley/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refresh } from './refresh.js';
import { kidOf, verified } from './testing/tokens.js';
import { address, must, registerUser, startWorld, type Replica, type World } from './testing/world.js';

const day = 86_400_000;
const second = 1_000;
/** Token life, two reloads and a minute of skew: how long a key outlives the moment at which the next one signs. */
const outlive = (900 + 120 + 60) * second;
let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

async function published(): Promise<readonly PublicKey[]> {
  return (await must(world.bus.call(contract.keys, {}))).keys;
}

const secret = 'a secret of the operator';

async function storedKeys() {
  return world.database.kysely.selectFrom('signing_keys').select(['kid', 'private_key', 'sealed']).execute();
}

describe('signing keys', () => {
  it('are one for all replicas, however many start at once', async () => {
    await Promise.all([world.replica(), world.replica(), world.replica()]);
    const keys = await published();
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', e: 'AQAB' });
    expect(Buffer.from(keys[0]?.n ?? '', 'base64url')).toHaveLength(256);
    const grants = await Promise.all(Array.from({ length: 6 }, () => registerUser(world)));
    expect(new Set(grants.map((grant) => kidOf(grant.accessToken)))).toEqual(new Set([keys[0]?.kid]));
  });

  it('rotate without logging anyone out', async () => {
    const replicas = await Promise.all([world.replica(), world.replica()]);
    const both = (work: (replica: Replica) => Promise<void>) => Promise.all(replicas.map(work));
    const start = world.clock.now;
    const [first] = await published();
    const early = await registerUser(world);

    // An hour before its time the next key is published, by one replica only, and does not sign.
    world.clock.now = start + 30 * day - 3_600 * second;
    await both((replica) => replica.auth.keys.maintain());
    const [second_, ...others] = await published();
    expect(others).toEqual([first]);
    expect(second_?.kid).not.toBe(first?.kid);
    const late = await registerUser(world);
    expect(kidOf(late.accessToken)).toBe(first?.kid);

    // The last token of the first key; then the second signs, in both replicas.
    world.clock.now = start + 30 * day - 1;
    const last = await registerUser(world);
    expect(kidOf(last.accessToken)).toBe(first?.kid);
    world.clock.now = start + 30 * day;
    const grants = await Promise.all(Array.from({ length: 8 }, () => registerUser(world)));
    expect(new Set(grants.map((grant) => kidOf(grant.accessToken)))).toEqual(new Set([second_?.kid]));

    // Until the end of its life the last token of the first key is good, and every login goes on.
    world.clock.now = start + 30 * day + 899 * second;
    await both((replica) => replica.auth.keys.maintain());
    expect((await verified(world.bus, last.accessToken, world.clock.now)).sub).toBe(last.user.id);
    const renewed = await must(world.bus.call(contract.refresh, { refreshToken: last.refreshToken, address }));
    expect(kidOf(renewed.accessToken)).toBe(second_?.kid);
    const expired = await world.bus.call(contract.refresh, { refreshToken: early.refreshToken, address });
    expect(expired.ok).toBe(false);

    world.clock.now = start + 30 * day + outlive - 1;
    await both((replica) => replica.auth.keys.maintain());
    expect(await published()).toHaveLength(2);
    world.clock.now += 1;
    await both((replica) => replica.auth.keys.maintain());
    expect(await published()).toEqual([second_]);
  });

  it('are looked up before signing by a replica that has not looked for long', async () => {
    const [lagging, rotating] = [await world.replica(), await world.replica()];
    // As if one replica's timer had not run: the other makes the next key, and the time comes when that signs.
    world.clock.now += 30 * day - 3_600 * second;
    await rotating.auth.keys.maintain();
    const [next] = await published();
    world.clock.now += 3_600 * second;
    const { refreshToken } = await registerUser(world);
    const renewed = await must(refresh(lagging.auth, { refreshToken, address }));
    expect(kidOf(renewed.accessToken)).toBe(next?.kid);
  });
});

describe('private keys at rest', () => {
  it('lie in the clear without a secret, and are sealed when one is given', async () => {
    const plain = await world.replica();
    const before = await registerUser(world);
    const [clear] = await storedKeys();
    expect(clear?.sealed).toBe(false);
    await plain.stop();

    await world.replica({ PARLEY_AUTH_KEY_SECRET: secret });
    const [sealed] = await storedKeys();
    expect(sealed).toMatchObject({ kid: clear?.kid, sealed: true });
    // The prime factors are what must not show; the public half of the key is no secret.
    expect(sealed?.private_key.includes(clear?.private_key.subarray(400, 432) ?? '')).toBe(false);
    const after = await registerUser(world);
    expect(kidOf(after.accessToken)).toBe(kidOf(before.accessToken));
    await verified(world.bus, after.accessToken, world.clock.now);
  });

  it('change their secret with the one before it at hand, and refuse to start without', async () => {
    const first = await world.replica({ PARLEY_AUTH_KEY_SECRET: secret });
    const { accessToken } = await registerUser(world);
    await first.stop();
    await expect(world.replica({ PARLEY_AUTH_KEY_SECRET: 'quite another secret' })).rejects.toThrow(
      /PARLEY_AUTH_KEY_SECRET/,
    );
    await expect(world.replica()).rejects.toThrow(/PARLEY_AUTH_KEY_SECRET/);
    expect(await storedKeys()).toHaveLength(1);

    const changing = { PARLEY_AUTH_KEY_SECRET: 'quite another secret', PARLEY_AUTH_KEY_SECRET_PREVIOUS: secret };
    await (await world.replica(changing)).stop();
    await world.replica({ PARLEY_AUTH_KEY_SECRET: 'quite another secret' });
    expect(kidOf((await registerUser(world)).accessToken)).toBe(kidOf(accessToken));
  });
});
