import { ok, fail, type Outcome } from '@parley/contracts';

export interface AdmissionLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly handshakesPerSecond: number;
}

/** A seat taken; give it back once, when the socket is gone. */
export interface Seat {
  free(): void;
}

/** Who may come in at all, decided before the upgrade is answered and without asking anyone. */
export class Admission {
  private readonly perAddress = new Map<string, number>();
  private count = 0;
  private tokens: number;
  private refilledAt: number;
  private draining = false;

  constructor(
    private readonly limits: AdmissionLimits,
    private readonly now: () => number = Date.now,
  ) {
    this.tokens = limits.handshakesPerSecond;
    this.refilledAt = now();
  }

  get connections(): number {
    return this.count;
  }

  get full(): boolean {
    return this.count >= this.limits.connections;
  }

  /** Refuses everyone from now on. */
  drain(): void {
    this.draining = true;
  }

  enter(address: string): Outcome<Seat, 'unavailable' | 'limit_exceeded' | 'rate_limited'> {
    if (this.draining) return fail('unavailable', 'this server is going away');
    if (this.full) return fail('unavailable', 'this server is full');
    const fromThere = this.perAddress.get(address) ?? 0;
    if (fromThere >= this.limits.connectionsPerAddress) {
      return fail('limit_exceeded', 'too many connections from this address');
    }
    if (!this.takeToken()) return fail('rate_limited', 'too many handshakes at once', { retryAfterMs: 1_000 });
    this.count += 1;
    this.perAddress.set(address, fromThere + 1);
    return ok(this.seat(address));
  }

  private seat(address: string): Seat {
    let taken = true;
    return {
      free: () => {
        if (!taken) return;
        taken = false;
        this.count -= 1;
        const left = (this.perAddress.get(address) ?? 1) - 1;
        if (left > 0) this.perAddress.set(address, left);
        else this.perAddress.delete(address);
      },
    };
  }

  /** A bucket that holds one second's worth. */
  private takeToken(): boolean {
    const now = this.now();
    const perSecond = this.limits.handshakesPerSecond;
    this.tokens = Math.min(perSecond, this.tokens + ((now - this.refilledAt) / 1_000) * perSecond);
    this.refilledAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
