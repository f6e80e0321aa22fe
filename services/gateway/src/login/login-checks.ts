import { auth, type LoginId, type UserId } from '@parley/contracts';
import type { Bus } from '@parley/bus';
import type { Connection } from '../socket/connection.js';
import type { LiveLogins } from './live-logins.js';

const BATCH = 1_000;
const NEWCOMERS_MS = 500;

/**
 * Every connection's login is asked about again every 5 minutes: the net under the revocation events. The logins are
 * spread over the interval so that auth never sees all of them at once. A gateway that has just started can't know of
 * revocations that are older than the bus remembers, so for as long as a token lives it asks about newcomers at once.
 */
export class LoginChecks {
  private waiting: LoginId[] = [];
  private waitingSponsors: UserId[] = [];
  private timer: NodeJS.Timeout | undefined;
  private checking = false;
  private newcomers = new Set<LoginId>();
  private newcomersTimer: NodeJS.Timeout | undefined;
  private readonly startedAt = Date.now();

  constructor(
    private readonly bus: Pick<Bus, 'call'>,
    private readonly logins: LiveLogins,
    private readonly intervalMs: number,
    private readonly tokenLifetimeMs: number,
    private readonly end: (connections: readonly Connection[]) => void,
  ) {}

  start(): void {
    const slice = Math.max(1_000, Math.floor(this.intervalMs / 20));
    this.timer = setInterval(() => {
      void this.checkSlice(slice / this.intervalMs);
    }, slice);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    clearTimeout(this.newcomersTimer);
  }

  /** A login has come in. */
  added(loginId: LoginId): void {
    if (Date.now() - this.startedAt > this.tokenLifetimeMs) return;
    this.newcomers.add(loginId);
    this.newcomersTimer ??= setTimeout(() => {
      void this.checkNewcomers();
    }, NEWCOMERS_MS).unref();
  }

  private async checkNewcomers(): Promise<void> {
    this.newcomersTimer = undefined;
    const due = [...this.newcomers];
    this.newcomers = new Set();
    await this.checkAll(due);
  }

  private async checkSlice(share: number): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    try {
      if (this.waiting.length === 0) this.waiting = [...this.logins.logins()];
      const count = Math.max(1, Math.ceil(this.logins.logins().length * share));
      const due = this.waiting.splice(0, count);
      await this.checkAll(due);
      await this.checkSponsors(share);
    } finally {
      this.checking = false;
    }
  }

  private async checkAll(due: readonly LoginId[]): Promise<void> {
    for (let from = 0; from < due.length; from += BATCH) await this.check(due.slice(from, from + BATCH));
  }

  private async check(loginIds: readonly LoginId[]): Promise<void> {
    const outcome = await this.bus.call(auth.checkLogins, { loginIds: [...loginIds] });
    // Auth being away is no reason to throw anyone out; the next round asks again.
    if (outcome.ok) for (const loginId of outcome.value.invalid) this.end(this.logins.ofLogin(loginId));
  }

  /** Guests have no login of their own to ask about; there are few who answer for any. */
  private async checkSponsors(share: number): Promise<void> {
    const sponsors = this.logins.sponsors();
    if (this.waitingSponsors.length === 0) this.waitingSponsors = [...sponsors];
    for (const userId of this.waitingSponsors.splice(0, Math.ceil(sponsors.length * share))) {
      const outcome = await this.bus.call(auth.getUser, { userId });
      if (!outcome.ok && outcome.error.code === 'not_found') this.end(this.logins.guestsOf(userId));
    }
  }
}
