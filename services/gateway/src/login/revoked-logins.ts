import type { LoginId } from '@parley/contracts';

/** Logins whose tokens are still young enough to pass verification but must not. Bounded; the oldest leave first. */
export class RevokedLogins {
  private readonly until = new Map<LoginId, number>();

  constructor(
    /** The longest that a token can outlive its login's revocation. */
    private readonly tokenLifetimeMs: number,
    private readonly max = 100_000,
  ) {}

  add(loginId: LoginId): void {
    this.until.delete(loginId);
    this.until.set(loginId, Date.now() + this.tokenLifetimeMs);
    for (const [oldest, until] of this.until) {
      if (this.until.size <= this.max && until > Date.now()) break;
      this.until.delete(oldest);
    }
  }

  has(loginId: LoginId): boolean {
    return (this.until.get(loginId) ?? 0) > Date.now();
  }
}
