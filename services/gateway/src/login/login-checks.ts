import { auth, type LoginId } from '@parley/contracts';
import type { Bus } from '@parley/bus';
import type { LiveLogins } from './live-logins.js';

const BATCH = 1_000;

/**
 * Every connection's login is asked about again every 5 minutes: the net under the revocation events. The logins are
 * spread over the interval so that auth never sees all of them at once.
 */
export class LoginChecks {
  private waiting: LoginId[] = [];
  private timer: NodeJS.Timeout | undefined;
  private checking = false;

  constructor(
    private readonly bus: Pick<Bus, 'call'>,
    private readonly logins: LiveLogins,
    private readonly intervalMs: number,
    private readonly invalid: (loginId: LoginId) => void,
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
  }

  private async checkSlice(share: number): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    try {
      if (this.waiting.length === 0) this.waiting = [...this.logins.logins()];
      const count = Math.max(1, Math.ceil(this.logins.logins().length * share));
      const due = this.waiting.splice(0, count);
      for (let from = 0; from < due.length; from += BATCH) await this.check(due.slice(from, from + BATCH));
    } finally {
      this.checking = false;
    }
  }

  private async check(loginIds: readonly LoginId[]): Promise<void> {
    const outcome = await this.bus.call(auth.checkLogins, { loginIds: [...loginIds] });
    // Auth being away is no reason to throw anyone out; the next round asks again.
    if (outcome.ok) for (const loginId of outcome.value.invalid) this.invalid(loginId);
  }
}
