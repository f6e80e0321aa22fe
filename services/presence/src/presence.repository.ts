import { compile, PresenceMetadata, type UserId } from '@parley/contracts';
import type { Database } from '@parley/database';
import { sql, type Kysely } from 'kysely';
import { unknownUser, type PresenceState } from './presence-state.js';
import type { PresenceTables, PresenceTransaction } from './presence.tables.js';

const metadataCheck = compile(PresenceMetadata);
const columns = ['user_id', 'chosen', 'metadata', 'visible', 'grace_until', 'last_seen'] as const;
type Row = Pick<PresenceTables['users'], (typeof columns)[number]>;

/** Users and what others see of them. */
export class PresenceRepository {
  readonly #database: Database<PresenceTables>;

  constructor(database: Database<PresenceTables>) {
    this.#database = database;
  }

  /** One state per id, in the order asked; those without a row are unknown users. */
  async load(
    userIds: readonly UserId[],
    from: Kysely<PresenceTables> = this.#database.kysely,
  ): Promise<readonly PresenceState[]> {
    if (userIds.length === 0) return [];
    const rows = await from
      .selectFrom('users')
      .select(columns)
      .where(sql<boolean>`user_id = ANY(${userIds}::uuid[])`)
      .execute();
    const found = new Map(rows.map((row) => [row.user_id, toState(row)]));
    return userIds.map((userId) => found.get(userId) ?? unknownUser(userId));
  }

  async save(trx: PresenceTransaction, shard: number, states: readonly PresenceState[]): Promise<void> {
    if (states.length === 0) return;
    await sql`
      INSERT INTO users (user_id, shard, chosen, metadata, visible, grace_until, last_seen)
      SELECT given.user_id, ${shard}::smallint, given.chosen, given.metadata, given.visible, given.grace_until, given.last_seen
      FROM unnest(
        ${states.map((state) => state.userId)}::uuid[],
        ${states.map((state) => state.chosen)}::text[],
        ${states.map((state) => JSON.stringify(state.metadata))}::text[],
        ${states.map((state) => state.visible)}::text[],
        ${states.map((state) => state.graceUntil ?? null)}::bigint[],
        ${states.map((state) => state.lastSeen)}::bigint[]
      ) AS given (user_id, chosen, metadata, visible, grace_until, last_seen)
      ON CONFLICT (user_id) DO UPDATE SET
        chosen = excluded.chosen, metadata = excluded.metadata, visible = excluded.visible,
        grace_until = excluded.grace_until, last_seen = excluded.last_seen
    `.execute(trx);
  }

  /** Which of these shards have users whose grace is over. */
  async shardsWithGraceOver(shards: readonly number[], now: number): Promise<readonly number[]> {
    const rows = await this.#database.kysely
      .selectFrom('users')
      .select('shard')
      .distinct()
      .where(sql<boolean>`shard = ANY(${shards}::smallint[])`)
      .where('grace_until', '<=', now)
      .execute();
    return rows.map((row) => row.shard);
  }

  /** Users of the shard whose grace is over, the longest gone first. */
  async graceOver(trx: PresenceTransaction, shard: number, now: number, limit: number): Promise<readonly UserId[]> {
    const rows = await trx
      .selectFrom('users')
      .select('user_id')
      .where('shard', '=', shard)
      .where('grace_until', '<=', now)
      .orderBy('grace_until')
      .limit(limit)
      .execute();
    return rows.map((row) => row.user_id);
  }

  async online(limit: number): Promise<{ readonly states: readonly PresenceState[]; readonly total: number }> {
    const online = this.#database.kysely.selectFrom('users').where('visible', '<>', 'offline');
    const rows = await online.select(columns).orderBy('user_id').limit(limit).execute();
    const states = rows.map(toState);
    // All of them fit: no need to count.
    if (rows.length < limit) return { states, total: rows.length };
    const counted = await online.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    return { states, total: Math.max(counted.total, rows.length) };
  }

  async countOnline(shards: readonly number[]): Promise<number> {
    const counted = await this.#database.kysely
      .selectFrom('users')
      .select((e) => e.fn.countAll<number>().as('total'))
      .where('visible', '<>', 'offline')
      .where(sql<boolean>`shard = ANY(${shards}::smallint[])`)
      .executeTakeFirstOrThrow();
    return counted.total;
  }
}

function toState(row: Row): PresenceState {
  const metadata: unknown = JSON.parse(row.metadata);
  return {
    userId: row.user_id,
    chosen: row.chosen,
    metadata: metadataCheck.is(metadata) ? metadata : {},
    visible: row.visible,
    graceUntil: row.grace_until ?? undefined,
    lastSeen: row.last_seen,
  };
}
