import { ok, type Outcome, type TransportErrorCode, type UserId } from '@parley/contracts';

export type UserLookup = (userId: UserId) => Promise<Outcome<unknown, 'not_found' | TransportErrorCode>>;

/** Remembers who exists, newest use last, so that auth is not asked for every message. Accounts are never removed. */
export class KnownUsers {
  readonly #known = new Set<UserId>();

  constructor(
    private readonly lookup: UserLookup,
    private readonly size = 50_000,
  ) {}

  async exists(userId: UserId): Promise<Outcome<boolean, TransportErrorCode>> {
    if (this.#known.delete(userId)) {
      this.#known.add(userId);
      return ok(true);
    }
    const found = await this.lookup(userId);
    if (!found.ok) {
      const { error } = found;
      return error.code === 'not_found' ? ok(false) : { ok: false, error: { ...error, code: error.code } };
    }
    this.#known.add(userId);
    if (this.#known.size > this.size) this.#forgetOldest();
    return ok(true);
  }

  #forgetOldest(): void {
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }
}
