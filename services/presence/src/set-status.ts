import { fail, shardOf, type ConnectionId, type Outcome, type Presence, type UserId } from '@parley/contracts';
import type { Clock } from './clock.js';
import type { ConnectionRepository } from './connection.repository.js';
import { shown, statusChosen, unknownUser, type PresenceState, type StatusChoice } from './presence-state.js';
import type { ShardWriter } from './shard-writer.js';

/** A user's own choice, which outlives their connections. Answers what others see of them now. */
export class SetStatus {
  readonly #writer: ShardWriter;
  readonly #connections: ConnectionRepository;
  readonly #metadataMaxBytes: number;
  readonly #clock: Clock;

  constructor(
    writer: ShardWriter,
    connections: ConnectionRepository,
    settings: { readonly metadataMaxBytes: number; readonly clock: Clock },
  ) {
    this.#writer = writer;
    this.#connections = connections;
    this.#metadataMaxBytes = settings.metadataMaxBytes;
    this.#clock = settings.clock;
  }

  async run(
    choice: StatusChoice & { readonly userId: UserId; readonly by?: ConnectionId },
  ): Promise<Outcome<Presence, 'invalid' | 'unavailable' | 'timeout'>> {
    const { userId, metadata } = choice;
    if (metadata !== undefined && Buffer.byteLength(JSON.stringify(metadata)) > this.#metadataMaxBytes) {
      return fail('invalid', `metadata is over ${this.#metadataMaxBytes} bytes`, { field: 'metadata' });
    }
    const shard = shardOf(userId);
    return this.#writer.write(shard, async (trx) => {
      const now = this.#clock();
      const hasConnections = (await this.#connections.counts(trx, [userId])).total(userId) > 0;
      const change = (before: PresenceState): PresenceState => statusChosen(before, choice, hasConnections, now);
      const [state = unknownUser(userId)] = await this.#writer.change(
        trx,
        shard,
        [userId],
        { now, by: () => choice.by },
        change,
      );
      return shown(state, now);
    });
  }
}
