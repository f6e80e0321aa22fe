import type { Clock } from './clock.js';
import { graceEnded } from './presence-state.js';
import type { PresenceRepository } from './presence.repository.js';
import type { ShardWriter } from './shard-writer.js';
import type { Steadiness } from './steadiness.js';

const BATCH = 1_000;

/**
 * Tells others of those whose last connection has been gone for the whole grace. When it ends is a row, so whoever owns
 * the shard by then does it.
 */
export class EndGrace {
  readonly #writer: ShardWriter;
  readonly #presences: PresenceRepository;
  readonly #steadiness: Steadiness;
  readonly #clock: Clock;

  constructor(writer: ShardWriter, presences: PresenceRepository, steadiness: Steadiness, clock: Clock) {
    this.#writer = writer;
    this.#presences = presences;
    this.#steadiness = steadiness;
    this.#clock = clock;
  }

  /** One pass over the shards of this replica. */
  async run(): Promise<void> {
    const shards = this.#steadiness.settledShards();
    if (shards.length === 0) return;
    for (const shard of await this.#presences.shardsWithGraceOver(shards, this.#clock())) await this.#sweep(shard);
  }

  /** A failure leaves the rows as they are, for the next pass or the next owner. */
  async #sweep(shard: number): Promise<void> {
    let more = true;
    while (more) {
      const swept = await this.#writer.write(shard, async (trx) => {
        const now = this.#clock();
        const userIds = await this.#presences.graceOver(trx, shard, now, BATCH);
        await this.#writer.change(trx, shard, userIds, { now }, (state) => graceEnded(state, now));
        return userIds.length;
      });
      more = swept.ok && swept.value === BATCH;
    }
  }
}
