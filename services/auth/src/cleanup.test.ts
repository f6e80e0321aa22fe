import { auth as contract } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthTables } from './auth.tables.js';
import { Cleanup } from './cleanup.js';
import { address, freshName, must, registerUser, startWorld, type World } from './testing/world.js';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

async function count(table: keyof AuthTables): Promise<number> {
  const query = world.database.kysely.selectFrom(table).select((expression) => expression.fn.countAll().as('count'));
  return Number((await query.executeTakeFirstOrThrow()).count);
}

const guess = (username: string) => world.bus.call(contract.login, { username, password: 'wrong password', address });

describe('the cleanup', () => {
  it('deletes what has expired and nothing else', async () => {
    const { cleanup } = await world.replica();
    const old = await registerUser(world);
    await must(world.bus.call(contract.refresh, { refreshToken: old.refreshToken, address }));
    await guess(freshName());
    world.clock.now += 3 * 86_400_000;
    const young = await registerUser(world);
    await guess(freshName());
    await cleanup.run();
    // The attempts of three days ago are at rest; the used token is not dead yet.
    expect([await count('logins'), await count('refresh_tokens'), await count('attempts')]).toEqual([2, 3, 2]);

    world.clock.now += 4 * 86_400_000;
    await cleanup.run();
    expect([await count('logins'), await count('refresh_tokens'), await count('attempts')]).toEqual([1, 1, 0]);
    expect(await count('users')).toBe(2);
    await must(world.bus.call(contract.refresh, { refreshToken: young.refreshToken, address }));
  });

  it('works in batches, several replicas at once', async () => {
    const [a, b] = [await world.replica(), await world.replica()];
    const rows = Array.from({ length: 2_500 }, (_, i) => {
      const key = Buffer.alloc(32);
      key.writeUInt32BE(i);
      return { key, busy_until: new Date(world.clock.now - 1) };
    });
    await world.database.kysely.insertInto('attempts').values(rows).execute();
    await Promise.all([a.cleanup.run(), b.cleanup.run()]);
    await a.cleanup.run();
    expect(await count('attempts')).toBe(0);
  });

  it('keeps the attempts within their bound, forgetting first what would be at rest first', async () => {
    await world.replica();
    const kept = freshName();
    for (let i = 0; i < 5; i++) await guess(kept);
    for (let i = 0; i < 20; i++) await guess(freshName());
    const options = { everyMs: 60_000, attemptRows: 10, batch: 4, batches: 20 };
    const logger = createLogger('auth', { level: 'silent' });
    const cleanup = new Cleanup(world.database.kysely, () => world.clock.now, options, logger);
    await cleanup.run();
    expect(await count('attempts')).toBe(10);
    for (let i = 0; i < 5; i++) await guess(kept);
    expect(await guess(kept)).toMatchObject({ ok: false, error: { code: 'rate_limited' } });
  });
});
