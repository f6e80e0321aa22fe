import { afterEach, beforeEach, expect, it } from 'vitest';
import { KeyVault } from './key-vault.js';
import { rotateKeys } from './rotate-keys.js';
import type { SigningKey } from './signing-key.js';
import { lockKeys } from './signing-key.repository.js';
import { startWorld, type World } from './testing/world.js';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

it('makes a key before its transaction, which Postgres would end if the machine were busy', async () => {
  class Watched extends KeyVault {
    protecting = 0;

    override async protect(key: SigningKey): Promise<SigningKey> {
      this.protecting += 1;
      // Waits for ever, that is until the statement's timeout, for whoever holds it.
      await world.database.transaction((trx) => lockKeys(trx));
      return super.protect(key);
    }
  }
  const vault = new Watched({ current: undefined, previous: undefined });
  const minute = 60_000;
  const schedule = { rotationMs: 1_000 * minute, leadMs: 10 * minute, outliveMs: 20 * minute };
  const before = await rotateKeys(world.database, vault, schedule, Date.now());
  const after = await rotateKeys(world.database, vault, schedule, Date.now() + 1_000 * minute);
  expect(after.length).toBe(before.length + 1);
  expect(vault.protecting).toBeGreaterThan(0);
});
