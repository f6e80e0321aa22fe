import { attempt } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import type { Waiter } from './direct-message.js';
import type { DirectMessageRepository } from './direct-message.repository.js';
import type { Outlet } from './outlet.js';

/** Recipients per statement of a sweep. */
const BATCH = 500;
const MAX_UNTOLD = 10_000;

/**
 * Sees to it that gateways hear of every message that waits. What could not be announced stays marked in its row and is
 * found by a later sweep, of this owner or the next.
 */
export class WaitingAnnouncer {
  /** Announcements that are not about an unannounced row and failed; small, and lost only together with this process. */
  readonly #untold = new Map<string, Waiter>();

  constructor(
    private readonly repository: Pick<DirectMessageRepository, 'markAnnounced' | 'unannounced'>,
    private readonly outlet: Pick<Outlet, 'announceWaiting'>,
    private readonly logger: Logger,
  ) {}

  /** `upTo`: the position of the newest message that this tells of. */
  async announce(waiter: Waiter, upTo: number): Promise<boolean> {
    const told = await this.outlet.announceWaiting(waiter.recipient);
    if (!told.ok) {
      this.logger.warn({ error: told.error }, 'a waiting message could not be announced yet');
      return false;
    }
    const marked = await attempt(() => this.repository.markAnnounced(waiter, upTo));
    if (!marked.ok) this.logger.warn({ error: marked.error }, 'an announcement will be repeated');
    return true;
  }

  /** Something that was announced before still waits, and whoever was to take it may be gone. */
  async remind(waiter: Waiter): Promise<void> {
    const told = await this.outlet.announceWaiting(waiter.recipient);
    if (told.ok) this.#untold.delete(waiter.recipient);
    else if (this.#untold.size < MAX_UNTOLD) this.#untold.set(waiter.recipient, waiter);
  }

  /** Stops at the first that cannot be announced: the bus is away then, and the next sweep goes on. */
  async sweep(shards: readonly number[], ageSeconds: number): Promise<void> {
    if (shards.length === 0) return;
    for (;;) {
      const found = await this.repository.unannounced(shards, ageSeconds, BATCH);
      for (const { upTo, ...waiter } of found) {
        if (!(await this.announce(waiter, upTo))) return;
      }
      if (found.length < BATCH) break;
    }
    for (const waiter of [...this.#untold.values()]) await this.remind(waiter);
  }
}
