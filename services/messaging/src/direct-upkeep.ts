import type { GatewayId } from '@parley/contracts';
import { isConnectionLoss, type ShardLeases } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import type { DirectMessageRepository } from './direct-message.repository.js';
import { directExpired, directReleased } from './messaging.metrics.js';
import type { MessagingTables } from './messaging.tables.js';
import type { WaitingAnnouncer } from './waiting-announcer.js';

export interface UpkeepTimes {
  /** Between two rounds. */
  readonly everyMs: number;
  /** Younger messages without an announcement may still be on their way to a live connection. */
  readonly unannouncedSeconds: number;
}

const TIMES: UpkeepTimes = { everyMs: 1_000, unannouncedSeconds: 2 };
const DELETE_BATCH = 500;
const DELETE_BATCHES = 20;

/** What the owner of shards does beside answering: ends claims, repeats announcements, removes what has expired. */
export class DirectUpkeep {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly repository: Pick<DirectMessageRepository, 'releaseClaims' | 'deleteExpired'>,
    private readonly announcer: WaitingAnnouncer,
    private readonly leases: Pick<ShardLeases<MessagingTables>, 'held'>,
    private readonly logger: Logger,
    private readonly times: UpkeepTimes = TIMES,
  ) {}

  start(): void {
    this.#timer = setTimeout(() => {
      void this.#enqueue(() => this.#tidy()).then(() => {
        if (!this.#stopped) this.start();
      });
    }, this.times.everyMs);
    this.#timer.unref();
  }

  /** A shard's new owner, before its first request: what the last one stored and may not have told anybody. */
  async takeOver(shard: number): Promise<void> {
    await this.announcer.sweep([shard], 0);
  }

  /** Its connections will confirm nothing any more. */
  gatewayLost(gatewayId: GatewayId): Promise<void> {
    return this.#enqueue(async () => {
      await this.#release(gatewayId);
      await this.announcer.sweep(this.leases.held(), this.times.unannouncedSeconds);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** One at a time; a round that fails is made up for by the next. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#round = this.#round.then(async () => {
      if (this.#stopped || this.leases.held().length === 0) return;
      try {
        await work();
      } catch (error) {
        if (isConnectionLoss(error)) this.logger.warn({ err: error }, 'upkeep waits for the database');
        else this.logger.error({ err: error }, 'upkeep failed');
      }
    });
    return this.#round;
  }

  async #tidy(): Promise<void> {
    await this.#release();
    await this.announcer.sweep(this.leases.held(), this.times.unannouncedSeconds);
    for (let batch = 0; batch < DELETE_BATCHES && !this.#stopped; batch++) {
      const deleted = await this.repository.deleteExpired(this.leases.held(), DELETE_BATCH);
      if (deleted.messages > 0) directExpired.add(deleted.messages);
      if (deleted.messages < DELETE_BATCH && deleted.sends < DELETE_BATCH) return;
    }
  }

  async #release(gatewayId?: GatewayId): Promise<void> {
    const released = await this.repository.releaseClaims(this.leases.held(), gatewayId);
    if (released > 0) directReleased.add(released);
  }
}
