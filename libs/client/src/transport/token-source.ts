import { asParleyError } from './parley-error.js';
import type { Timers } from './timers.js';
import { wait } from './wait.js';

/**
 * An access token, or how to get one: asked before every connection, and again when a token is about to expire. It throws a
 * `ParleyError` `unauthorized` when nobody is logged in any more; whatever else it throws counts as a failure that passes.
 */
export type TokenProvider = string | (() => string | Promise<string>);

const DEADLINE_MS = 15_000;

export class TokenSource {
  private asking: Promise<string> | undefined;

  constructor(
    private readonly provider: TokenProvider,
    private readonly timers: Timers,
  ) {}

  /** Whether asking again can bring another token. */
  get renewable(): boolean {
    return typeof this.provider === 'function';
  }

  /** Whoever asks while a question is under way gets its answer. */
  fresh(): Promise<string> {
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private ask(): Promise<string> {
    const { provider } = this;
    if (typeof provider === 'string') return Promise.resolve(provider);
    return wait<string>(this.timers, 'the token provider', { timeoutMs: DEADLINE_MS }, (settle) => {
      void (async () => {
        try {
          settle.resolve(await provider());
        } catch (error) {
          settle.reject(asParleyError(error, 'unavailable', 'the token provider failed'));
        }
      })();
      return undefined;
    });
  }
}

/** When a JWT expires, in ms since 1970; undefined when it does not say. It is read, not verified: that is the server's part. */
export function expiryOf(token: string): number | undefined {
  try {
    const [, payload = ''] = token.split('.');
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return undefined;
    return typeof claims.exp === 'number' && Number.isFinite(claims.exp) ? claims.exp * 1_000 : undefined;
  } catch {
    // Not a JWT: an opaque token of some other server.
    return undefined;
  }
}
