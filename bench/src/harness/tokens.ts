import { newLoginId, newUserId, type PublicKey, type User, type UserId } from '@parley/contracts';
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

const KID = 'bench';

/** Signs access tokens as the auth service would, for any number of users that nobody has to register. */
export class TokenMaker {
  readonly keys: readonly PublicKey[];
  private readonly key: KeyObject;
  private made = 0;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
    this.key = privateKey;
    this.keys = [{ kid: KID, kty: 'RSA', alg: 'RS256', use: 'sig', n, e }];
  }

  /** A new user each time unless one is given. */
  make(userId: UserId = newUserId()): string {
    const now = Math.floor(Date.now() / 1_000);
    this.made += 1;
    const claims = {
      iss: 'parley',
      aud: 'parley',
      sub: userId,
      sid: newLoginId(),
      username: `bench_${this.made}`,
      iat: now,
      exp: now + 3_600,
    };
    const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: KID })}.${part(claims)}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(this.key, 'base64url')}`;
  }

  /** What is known of any user who has a token. */
  user(id: UserId): User {
    return { id, username: 'bench', email: null, avatarUrl: null, createdAt: new Date(0).toISOString() };
  }

  many(count: number): readonly string[] {
    return Array.from({ length: count }, () => this.make());
  }
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
