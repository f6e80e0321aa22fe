import type { Database } from '@parley/database';
import { keysMade } from './auth.metrics.js';
import type { AuthTables } from './auth.tables.js';
import type { KeyVault } from './key-vault.js';
import { deadKeys, dueKey, generateSigningKey, type KeySchedule, type SigningKey } from './signing-key.js';
import { allKeys, deleteKeys, insertKey, lockKeys, replacePrivateKey } from './signing-key.repository.js';

/**
 * Makes the next key when one is due, forgets the dead ones, and returns what is left. Any replica may call it at any
 * time: whoever gets the lock looks again before it acts.
 */
export async function rotateKeys(
  database: Database<AuthTables>,
  vault: KeyVault,
  schedule: KeySchedule,
  now: number,
): Promise<SigningKey[]> {
  const seen = await allKeys(database.kysely);
  const due = dueKey(seen, now, schedule);
  if (due === undefined && deadKeys(seen, now, schedule).length === 0) return seen;
  // Before the transaction: on a busy machine it takes seconds, and Postgres ends transactions that do nothing for so long.
  const made = due === undefined ? undefined : await vault.protect(await generateSigningKey(due));
  return database.transaction(async (trx) => {
    await lockKeys(trx);
    const keys = await allKeys(trx);
    const signsFrom = dueKey(keys, now, schedule);
    if (signsFrom !== undefined && made !== undefined) {
      await insertKey(trx, { ...made, signsFrom });
      keysMade.add(1);
    }
    const dead = deadKeys(keys, now, schedule);
    await deleteKeys(
      trx,
      dead.map((key) => key.kid),
    );
    return allKeys(trx);
  });
}

/** At start: stores keys as today's secret wants them, whether they lie in the clear or under the previous secret. */
export async function resealKeys(database: Database<AuthTables>, vault: KeyVault): Promise<void> {
  await database.transaction(async (trx) => {
    await lockKeys(trx);
    for (const key of await allKeys(trx)) {
      const revealed = await vault.reveal(key);
      if (revealed?.outdated !== true) continue;
      const stored = await vault.protect({ ...key, privateKey: revealed.privateKey, sealed: false });
      await replacePrivateKey(trx, stored.kid, stored.privateKey, stored.sealed);
    }
  });
}
