import { expect, test } from 'vitest';
import { ManualTimers } from '../testing/manual-timers.js';
import { expiryOf, TokenSource } from './token-source.js';

function jwt(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}

test('a provider is asked anew each time, but once for all who ask at the same time', async () => {
  let asked = 0;
  const source = new TokenSource(async () => `token-${String(++asked)}`, new ManualTimers());
  expect(await Promise.all([source.fresh(), source.fresh()])).toEqual(['token-1', 'token-1']);
  expect(await source.fresh()).toBe('token-2');
  expect([source.renewable, new TokenSource('fixed', new ManualTimers()).renewable]).toEqual([true, false]);
});

test('a provider that throws, or says nothing in time, is a failure that passes', async () => {
  const timers = new ManualTimers();
  const broken = new TokenSource(() => Promise.reject(new Error('no network')), timers);
  await expect(broken.fresh()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  const silent = new TokenSource(() => new Promise(() => undefined), timers).fresh();
  timers.advance(15_000);
  await expect(silent).rejects.toMatchObject({ code: 'timeout', retryable: true });
});

test('the expiry is read from a JWT, and other tokens have none', () => {
  expect(expiryOf(jwt({ exp: 1_700_000_000, name: 'Zoë?>' }))).toBe(1_700_000_000_000);
  for (const token of ['opaque', jwt({}), jwt({ exp: 'soon' }), 'a.%%%.b', '']) expect(expiryOf(token)).toBeUndefined();
});
