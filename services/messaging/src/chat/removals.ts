import { membershipChanged, ok, type ServerId } from '@parley/contracts';
import { isConnectionLoss, type ShardLeases } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import type { MessagingTables, Sql } from '../messaging.tables.js';
import type { ChatWrites } from './chat-writes.js';
import { memberships } from './chat.metrics.js';
import { deleteMembers, deleteOrphans, deleteServerRow, removedServers } from './removals.repository.js';

const EVERY_MS = 2_000;
const SERVERS = 20;
/** Members of one transaction, each of which is an event. */
const MEMBERS = 500;
const MESSAGES = 2_000;
/** Statements of one round, so that a stop does not wait for millions of messages. */
const ROUNDS = 50;

/**
 * Takes removed servers and channels apart, piece by piece, so that no transaction grows with them. What is left when a
 * process ends, the next owner of the shard goes on with.
 */
export class Removals {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(
    private readonly sql: Sql,
    private readonly writes: ChatWrites,
    private readonly leases: Pick<ShardLeases<MessagingTables>, 'held'>,
    private readonly logger: Logger,
  ) {}

  /** Works now, and looks again every two seconds. */
  readonly wake = (): void => {
    if (this.#stopped) return;
    this.#again = true;
    this.#round ??= this.#work();
  };

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async #work(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#tidy(this.leases.held());
      } catch (error) {
        if (isConnectionLoss(error)) this.logger.warn({ err: error }, 'removals wait for the database');
        else this.logger.error({ err: error }, 'a removal failed');
      }
    }
    this.#round = undefined;
    if (!this.#stopped) this.#timer = setTimeout(this.wake, EVERY_MS).unref();
  }

  async #tidy(shards: readonly number[]): Promise<void> {
    if (shards.length === 0) return;
    const servers = await removedServers(this.sql, shards, SERVERS);
    for (const { id, shard } of servers) await this.#takeApart(id, shard);
    if (servers.length === SERVERS) this.#again = true;
    for (let i = 0; i < ROUNDS && !this.#stopped; i++) {
      if ((await deleteOrphans(this.sql, shards, MESSAGES)) === 0) return;
    }
  }

  async #takeApart(serverId: ServerId, shard: number): Promise<void> {
    while (!this.#stopped) {
      const done = await this.writes.run(shard, async (trx, announce) => {
        const userIds = await deleteMembers(trx, serverId, MEMBERS);
        for (const userId of userIds) announce(membershipChanged, userId, { userId, serverId, change: 'left' });
        if (userIds.length === 0) await deleteServerRow(trx, serverId, shard);
        return ok(userIds.length);
      });
      if (!done.ok) {
        this.logger.warn({ error: done.error, serverId }, 'a removed server waits to be taken apart');
        return;
      }
      if (done.value === 0) return;
      memberships.add(done.value, { change: 'server_deleted' });
    }
  }
}
