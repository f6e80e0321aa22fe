import { ParleyError } from './parley-error.js';

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** `retry`: come back later. `renew`: with a fresh token. `stop`: not wanted back. */
export type Verdict =
  | { readonly kind: 'retry'; readonly error: ParleyError }
  | { readonly kind: 'renew'; readonly error: ParleyError }
  | { readonly kind: 'stop'; readonly error: ParleyError };

const NORMAL = 1000;
/** Refused; what was said before tells why. */
export const POLICY = 1008;
/** `chat` says so of a token that is missing, wrong or expired. */
const AUTHENTICATION_FAILED = 4001;
/**
 * What this client said was not understood: protocol error, unacceptable or inconsistent data, too big, a missing extension,
 * and `chat`'s bad input. It would say the same again.
 */
const NOT_UNDERSTOOD = new Set([1002, 1003, 1007, 1009, 1010, 4002]);

/**
 * What a close means for coming back. `said` is what the server told last on this connection about why: `topics` and `collab`
 * explain a rejected token in a frame and then close with 1008, as for any other breach of their rules. Everything that
 * is not known to be final (1001, 1005, 1006, 1011 to 1014, codes of proxies) is worth another try.
 */
export function verdictOn({ code, reason }: Closing, said: ParleyError | undefined): Verdict {
  const because = reason === '' ? `closed with ${code}` : `closed with ${code}: ${reason}`;
  const error = (fallback: ConstructorParameters<typeof ParleyError>[0]): ParleyError =>
    said ?? new ParleyError(fallback, because, { closeCode: code });
  if (code === AUTHENTICATION_FAILED) return { kind: 'renew', error: error('unauthorized') };
  if (code === NORMAL) return { kind: 'stop', error: error('refused') };
  if (NOT_UNDERSTOOD.has(code)) return { kind: 'stop', error: error(code === 1009 ? 'too_large' : 'invalid') };
  if (code !== POLICY) return { kind: 'retry', error: error('unavailable') };
  if (said?.code === 'unauthorized') return { kind: 'renew', error: said };
  return said?.retryable === true ? { kind: 'retry', error: said } : { kind: 'stop', error: error('refused') };
}
