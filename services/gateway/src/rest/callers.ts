import type { Login } from '@parley/dialects';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import type { TokenVerifier } from '../login/token-verifier.js';
import { addressOf } from '../socket/credentials.js';
import { RestError, unwrap } from './rest-error.js';

/** Who makes a request: a user with an access token, or a server with an API key. */
export class Callers {
  private readonly keyHashes: readonly Buffer[];

  constructor(
    private readonly verifier: TokenVerifier,
    apiKeys: readonly string[],
    private readonly trustedProxies: number,
  ) {
    this.keyHashes = apiKeys.map(hashOf);
  }

  async user(request: Request): Promise<Login> {
    return unwrap(await this.verifier.verify(bearer(request)));
  }

  /** Who need not, but may, have an account: a token that is given has to be good. */
  async userIfAny(request: Request): Promise<Login | undefined> {
    return request.headers.authorization === undefined ? undefined : this.user(request);
  }

  /** Throws unless the bearer is one of the server API's keys. */
  server(request: Request): void {
    const given = hashOf(bearer(request));
    // Hashes are of one length, so comparing them tells nothing of the keys; all are compared, whichever fits.
    let known = false;
    for (const hash of this.keyHashes) known = timingSafeEqual(hash, given) || known;
    if (!known) throw new RestError({ code: 'unauthenticated', message: 'a server API key is needed' });
  }

  address(request: Request): string {
    return addressOf(request, this.trustedProxies);
  }
}

/** Throws when there is none. */
export function bearer(request: Request): string {
  const header = request.headers.authorization;
  if (header === undefined || !/^bearer /i.test(header)) {
    throw new RestError({ code: 'unauthenticated', message: 'no bearer token' });
  }
  return header.slice(7).trim();
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
