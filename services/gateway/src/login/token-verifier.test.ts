import { newLoginId, newUserId, ok, type LoginId, type PublicKey } from '@parley/contracts';
import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { TokenVerifier } from './token-verifier.js';

const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const KID = 'key-1';

function published(key: KeyObject, kid = KID): PublicKey {
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  return { kid, kty: 'RSA', alg: 'RS256', use: 'sig', n, e };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const now = () => Math.floor(Date.now() / 1_000);
const loginId: LoginId = newLoginId();
const claims = {
  iss: 'parley',
  aud: 'parley',
  sub: newUserId(),
  sid: loginId,
  username: 'ada',
  iat: now(),
  exp: now() + 900,
};

/** By hand, since libraries refuse to make what has to be refused here. */
function token(payload: unknown = claims, header: object = { alg: 'RS256', kid: KID }, key = pair.privateKey): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${createSign('sha256').update(text).sign(key).toString('base64url')}`;
}

let asked: number;
let keys: PublicKey[];
let revoked: Set<LoginId>;
let verifier: TokenVerifier;
beforeEach(async () => {
  asked = 0;
  keys = [published(pair.publicKey)];
  revoked = new Set();
  verifier = new TokenVerifier({
    fetchKeys: () => {
      asked += 1;
      return Promise.resolve(ok(keys));
    },
    isRevoked: (id) => revoked.has(id),
  });
  await verifier.refresh();
});

test('a token of the auth service is a login', async () => {
  expect(await verifier.verify(token())).toEqual(
    ok({ userId: claims.sub, loginId, username: 'ada', expiresAt: claims.exp * 1_000 }),
  );
  const grants = { publish: ['a.>'] };
  expect(await verifier.verify(token({ ...claims, topics: grants }))).toMatchObject({ value: { grants } });
});

describe('is no login:', () => {
  const signed = (secret: string | Buffer) => {
    const text = `${encode({ alg: 'HS256', kid: KID })}.${encode(claims)}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' });
  test.each<[string, () => string]>([
    ['an unsigned one', () => `${encode({ alg: 'none', kid: KID })}.${encode(claims)}.`],
    ['one that says it is unsigned, and is signed', () => token(claims, { alg: 'none', kid: KID })],
    ['one signed with the public key as a secret', () => signed(pem)],
    ['one signed by a stranger', () => token(claims, { alg: 'RS256', kid: KID }, stranger.privateKey)],
    [
      'one that brings its own key',
      () => token(claims, { alg: 'RS256', kid: KID, jwk: published(stranger.publicKey) }, stranger.privateKey),
    ],
    ['one that was changed', () => token().replace(/\.[^.]+\./, `.${encode({ ...claims, sub: newUserId() })}.`)],
    ['one without a signature', () => token().replace(/[^.]+$/, '')],
    ['an expired one', () => token({ ...claims, exp: now() - 1 })],
    ['one that does not expire', () => token({ ...claims, exp: undefined })],
    ['one that is not yet', () => token({ ...claims, nbf: now() + 60 })],
    ['one of another issuer', () => token({ ...claims, iss: 'other' })],
    ['one for somebody else', () => token({ ...claims, aud: 'other' })],
    ['one for somebody else as well', () => token({ ...claims, aud: ['parley', 'other'] })],
    ['one whose user is a subject', () => token({ ...claims, sub: '*' })],
    ['one whose grants are no patterns', () => token({ ...claims, topics: { subscribe: ['a b'] } })],
    ['one without a key id', () => token(claims, { alg: 'RS256' })],
    ['one whose key id is odd', () => token(claims, { alg: 'RS256', kid: ['key-1'] })],
    ['one whose key id every object has', () => token(claims, { alg: 'RS256', kid: '__proto__' })],
    ['one that is far too long', () => `${token()}${'x'.repeat(10_000)}`],
    ['text', () => 'hello'],
    ['dots', () => '..'],
    ['nothing', () => ''],
  ])('%s', async (_what, make) => {
    expect(await verifier.verify(make())).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
  });

  test('one whose login was revoked', async () => {
    revoked.add(loginId);
    expect(await verifier.verify(token())).toMatchObject({ ok: false, error: { message: 'login revoked' } });
  });
});

test('tokens of unknown keys ask for keys once in a while, not each', async () => {
  const unknown = Array.from({ length: 100 }, (_, i) => token(claims, { alg: 'RS256', kid: `guess-${String(i)}` }));
  for (const one of unknown) expect((await verifier.verify(one)).ok).toBe(false);
  expect(asked).toBe(1);
});

test('a key that is gone is not believed any more, one that has come is', async () => {
  keys = [published(stranger.publicKey, 'key-2')];
  await verifier.refresh();
  expect((await verifier.verify(token())).ok).toBe(false);
  expect((await verifier.verify(token(claims, { alg: 'RS256', kid: 'key-2' }, stranger.privateKey))).ok).toBe(true);
});
