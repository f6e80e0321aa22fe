import type { Bus, Stoppable } from '@parley/bus';
import { ok, presence, type UserId } from '@parley/contracts';

interface Reach {
  readonly connections: number;
  readonly goneSince: number;
}

/** Answers `presence.reach` with what the test says. Whoever it was told nothing of has one connection. */
export class FakePresence {
  readonly #bus: Bus;
  readonly #reach = new Map<UserId, Reach | 'unknown'>();
  #serving: Stoppable | undefined;
  /** Questions answered so far, and the most users in one. */
  asked = 0;
  largest = 0;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  serve(): void {
    this.#serving = this.#bus.serve(presence.reach, ({ userIds, dialect }) => {
      if (dialect !== 'chat') throw new Error(`asked for ${dialect}`);
      this.asked++;
      this.largest = Math.max(this.largest, userIds.length);
      const users = userIds.flatMap((userId) => {
        const reach = this.#reach.get(userId) ?? { connections: 1, goneSince: 0 };
        return reach === 'unknown' ? [] : [{ userId, ...reach }];
      });
      return Promise.resolve(ok({ users }));
    });
  }

  async stop(): Promise<void> {
    await this.#serving?.stop();
  }

  connected(userId: UserId, connections = 1): void {
    this.#reach.set(userId, { connections, goneSince: 0 });
  }

  /** ms since 1970; 0 for one who never was there. */
  gone(userId: UserId, goneSince: number): void {
    this.#reach.set(userId, { connections: 0, goneSince });
  }

  /** Nobody owns the user's shard. */
  unknown(userId: UserId): void {
    this.#reach.set(userId, 'unknown');
  }
}
