import { isRecord, parseJson } from './json.js';
import type { ConsoleUser } from './console-session.js';

/** Tokens and whose they are. */
export interface Login {
  readonly user: ConsoleUser;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token should be exchanged, ms since 1970; some time before it expires. */
  readonly renewAt: number;
}

/** How long before its end an access token is exchanged; of a short-lived one, half its life. */
const MARGIN_MS = 120_000;

/** Of an answer to register, login and refresh. */
export function loginOf(grant: unknown, now: number): Login | undefined {
  if (!isRecord(grant) || !isRecord(grant['user'])) return undefined;
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = grant;
  const { id, username } = grant['user'];
  if (typeof accessToken !== 'string' || typeof refreshToken !== 'string' || typeof expiresIn !== 'number')
    return undefined;
  if (typeof id !== 'string' || typeof username !== 'string') return undefined;
  const life = expiresIn * 1_000;
  return { user: { id, username }, accessToken, refreshToken, renewAt: now + life - Math.min(MARGIN_MS, life / 2) };
}

const KEY = 'parley.login';

/** Of this window alone, so that two windows can be two people; gone when it closes. */
export const keptLogin = {
  read(): Login | undefined {
    const kept = parseJson(sessionStorage.getItem(KEY) ?? '');
    if (!isRecord(kept) || !isRecord(kept['user'])) return undefined;
    const { accessToken, refreshToken, renewAt } = kept;
    const { id, username } = kept['user'];
    if (typeof accessToken !== 'string' || typeof refreshToken !== 'string' || typeof renewAt !== 'number')
      return undefined;
    if (typeof id !== 'string' || typeof username !== 'string') return undefined;
    return { user: { id, username }, accessToken, refreshToken, renewAt };
  },
  write(login: Login | undefined): void {
    if (login === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(login));
  },
};
