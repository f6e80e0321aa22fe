import { fail, newUserId, ok, type UserId } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { KnownUsers } from './known-users.js';

describe('known users', () => {
  const [alice, bob, carol] = [newUserId(), newUserId(), newUserId()];
  const asked: UserId[] = [];
  const lookup = (userId: UserId) => {
    asked.push(userId);
    return Promise.resolve(userId === carol ? fail('not_found', 'no') : ok({}));
  };

  it('are asked about once, as long as they are in use', async () => {
    const users = new KnownUsers(lookup, 2);
    const others = [newUserId(), newUserId()];
    for (const user of [alice, bob, alice, ...others.slice(0, 1), alice, bob]) await users.exists(user);
    expect(asked).toEqual([alice, bob, others[0], bob]);
  });

  it('are not those who were unknown, who may have registered since', async () => {
    const users = new KnownUsers(lookup);
    asked.length = 0;
    expect(await users.exists(carol)).toEqual(ok(false));
    expect(await users.exists(carol)).toEqual(ok(false));
    expect(asked).toHaveLength(2);
  });

  it('stay unknown for now when auth does not answer', async () => {
    const users = new KnownUsers(() => Promise.resolve(fail('timeout', 'late')));
    expect(await users.exists(alice)).toMatchObject({ ok: false, error: { code: 'timeout' } });
  });
});
