import type { Timers } from './timers.js';
import { expiryOf, type TokenSource } from './token-source.js';

/** Before the token expires. The dialects that announce it do so at the same time. */
const AHEAD_MS = 60_000;
/** Between two questions, when the provider fails or gives the same token again. */
const PAUSE_MS = 10_000;
/** A platform's timers can't be set for longer than 24.8 days. */
const MAX_DELAY_MS = 86_400_000;

/** Keeps a connection's token fresh in place, so that its expiry is not noticed. */
export class Renewal {
  private cancel: (() => void) | undefined;
  private token: string | undefined;
  private asking = false;

  constructor(
    private readonly timers: Timers,
    private readonly tokens: TokenSource,
    private readonly send: (token: string) => void,
  ) {}

  /** The connection was opened with this token. */
  watch(token: string): void {
    this.stop();
    this.token = token;
    if (this.tokens.renewable) this.schedule(0);
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.token = undefined;
  }

  async now(): Promise<void> {
    const before = this.token;
    if (before === undefined || this.asking || !this.tokens.renewable) return;
    this.asking = true;
    try {
      const token = await this.tokens.fresh();
      // The connection may be another one by now, which was opened with a token of its own.
      if (this.token !== before) return;
      if (token !== before) this.send(token);
      this.token = token;
    } catch {
      // Asked again after the pause; if that fails too, the server ends the connection and the next attempt tells why.
    } finally {
      this.asking = false;
      if (this.token !== undefined) this.schedule(PAUSE_MS);
    }
  }

  private schedule(leastMs: number): void {
    this.cancel?.();
    const expiresAt = this.token === undefined ? undefined : expiryOf(this.token);
    if (expiresAt === undefined) return;
    const due = expiresAt - AHEAD_MS - this.timers.now();
    const delay = Math.min(Math.max(due, leastMs), MAX_DELAY_MS);
    this.cancel = this.timers.after(delay, () => {
      if (due > MAX_DELAY_MS) this.schedule(0);
      else void this.now();
    });
  }
}
