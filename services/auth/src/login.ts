import type { LoginId, TopicGrants, UserId } from '@parley/contracts';

/** What descends from one password check: a family of refresh tokens of which one is alive at a time. */
export interface Login {
  readonly id: LoginId;
  readonly userId: UserId;
  /** What the login is confined to; lives as long as it does. */
  readonly topics: TopicGrants | undefined;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

export type RevocationReason = 'logout' | 'password_changed' | 'refresh_token_reused' | 'revoked';

export function isActive(login: Login, now: number): boolean {
  return login.revokedAt === null && login.expiresAt.getTime() > now;
}
