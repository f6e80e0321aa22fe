import { HOST_TOKEN_PREFIX } from '@parley/contracts';
import { expect, it } from 'vitest';
import { hashOf, isHostToken, newHostToken } from './host-token.js';

it('is a new one every time, cannot be taken for an access token, and only it fits its hash', () => {
  const [one, other] = [newHostToken(), newHostToken()];
  expect(one).toMatch(new RegExp(`^${HOST_TOKEN_PREFIX}[A-Za-z0-9_-]{43}$`));
  expect(other).not.toBe(one);
  expect([isHostToken(one, hashOf(one)), isHostToken(other, hashOf(one)), isHostToken('', hashOf(one))]).toEqual([
    true,
    false,
    false,
  ]);
  expect(hashOf(one).toString()).not.toContain(one);
});
