import { ok, shardOf } from '@parley/contracts';
import type { Logger } from '@parley/telemetry';
import { longLogs, pruneLog, type LogRule } from './operation.repository.js';
import { deleteRemains, removedRooms } from './room.repository.js';
import { pruned } from './rooms.metrics.js';
import type { RoomsWrites } from './rooms-writes.js';
import type { Sql } from './rooms.tables.js';

/** Rooms of one round. */
const ROOMS = 50;
/** Operations of one transaction. */
const OPERATIONS = 2_000;
/** Transactions per room and round, so that one room does not hold up the others, nor a stop. */
const STEPS = 20;

/** Shortens logs by their rule and takes deleted rooms apart, piece by piece, so that no transaction grows with them. */
export class LogUpkeep {
  #stopped = false;

  constructor(
    private readonly sql: Sql,
    private readonly writes: RoomsWrites,
    private readonly held: () => readonly number[],
    private readonly rule: LogRule,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    await this.#removeRooms();
    await this.#prune();
  }

  async #removeRooms(): Promise<void> {
    const shards = this.held();
    if (shards.length === 0) return;
    for (const roomId of await removedRooms(this.sql, shards, ROOMS)) {
      await this.#repeat(shardOf(roomId), async (trx) => ok(await deleteRemains(trx, roomId, OPERATIONS)));
    }
  }

  async #prune(): Promise<void> {
    const shards = this.held();
    if (shards.length === 0) return;
    for (const roomId of await longLogs(this.sql, shards, this.rule, ROOMS)) {
      await this.#repeat(shardOf(roomId), async (trx) => {
        const count = await pruneLog(trx, roomId, this.rule, OPERATIONS);
        pruned.add(count);
        return ok(count < OPERATIONS);
      });
    }
  }

  /** Until it is done, refused, or enough for this round. */
  async #repeat(shard: number, step: Parameters<RoomsWrites['run']>[1]): Promise<void> {
    for (let i = 0; i < STEPS && !this.#stopped; i++) {
      const done = await this.writes.run(shard, step);
      if (!done.ok) this.logger.warn({ error: done.error, shard }, 'the upkeep of logs waits');
      if (!done.ok || done.value === true) return;
    }
  }
}
