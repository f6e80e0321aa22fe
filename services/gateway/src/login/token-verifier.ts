import { AccessClaims, compile, fail, ok, type LoginId, type Outcome, type PublicKey } from '@parley/contracts';
import type { Login } from '@parley/dialects';
import { createVerifier, TokenError } from 'fast-jwt';
import { createPublicKey } from 'node:crypto';

export interface TokenVerifierDeps {
  /** The auth service's keys; asked at start, when keys change, and when a token names an unknown one. */
  fetchKeys(): Promise<Outcome<readonly PublicKey[]>>;
  isRevoked(loginId: LoginId): boolean;
}

type Verified = Outcome<Login, 'unauthenticated'>;
type Verify = (token: string) => unknown;

const ISSUER = 'parley';
const MAX_TOKEN_LENGTH = 8_192;
/** Tokens that name unknown keys make us ask for keys at most this often. */
const REFETCH_MS = 5_000;

const claimsCheck = compile(AccessClaims);

/** Checks access tokens here, without asking anyone: RS256 against the auth service's public keys. */
export class TokenVerifier {
  private verifiers = new Map<string, Verify>();
  private fetchedAt = 0;
  private fetching: Promise<void> | undefined;

  constructor(private readonly deps: TokenVerifierDeps) {}

  async refresh(): Promise<void> {
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  get ready(): boolean {
    return this.verifiers.size > 0;
  }

  /** A promise only when the token names a key that is not known yet. */
  verify(token: string): Verified | Promise<Verified> {
    if (token.length > MAX_TOKEN_LENGTH) return invalid('token too long');
    const kid = keyIdOf(token);
    if (kid === undefined) return invalid('not a token');
    const verifier = this.verifiers.get(kid);
    if (verifier !== undefined) return this.check(verifier, token);
    if (Date.now() - this.fetchedAt < REFETCH_MS) return invalid('unknown key');
    return this.refresh().then(() => {
      const found = this.verifiers.get(kid);
      return found === undefined ? invalid('unknown key') : this.check(found, token);
    });
  }

  private check(verify: Verify, token: string): Verified {
    let claims: unknown;
    try {
      claims = verify(token);
    } catch (error) {
      const expired = error instanceof TokenError && error.code === TokenError.codes.expired;
      return invalid(expired ? 'token expired' : 'token not valid');
    }
    if (!claimsCheck.is(claims)) return invalid('token not valid');
    if (this.deps.isRevoked(claims.sid)) return invalid('login revoked');
    return ok({
      userId: claims.sub,
      loginId: claims.sid,
      username: claims.username,
      expiresAt: claims.exp * 1_000,
      ...(claims.topics === undefined ? {} : { grants: claims.topics }),
    });
  }

  private async fetch(): Promise<void> {
    const keys = await this.deps.fetchKeys();
    this.fetchedAt = Date.now();
    // While auth can't be reached, the keys that are known go on being good.
    if (!keys.ok) return;
    const verifiers = new Map<string, Verify>();
    for (const key of keys.value) verifiers.set(key.kid, this.verifiers.get(key.kid) ?? verifierOf(key));
    this.verifiers = verifiers;
  }
}

function verifierOf(key: PublicKey): Verify {
  const { kid, kty, n, e } = key;
  const pem = createPublicKey({ key: { kid, kty, n, e }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  // No cache: a token is verified once per connection, and a cached "valid" would have to be unlearnt on revocation.
  return createVerifier({ key: pem, algorithms: ['RS256'], allowedIss: ISSUER, allowedAud: ISSUER, cache: false });
}

/** The header's `kid`, before anything is believed. */
function keyIdOf(token: string): string | undefined {
  const end = token.indexOf('.');
  if (end <= 0 || end > 1_024) return undefined;
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, end), 'base64url').toString('utf8'));
    if (typeof header !== 'object' || header === null || !('kid' in header)) return undefined;
    return typeof header.kid === 'string' ? header.kid : undefined;
  } catch {
    return undefined;
  }
}

function invalid(message: string): Verified {
  return fail('unauthenticated', message);
}
