import type { ChannelId, ServerId, UserId } from '@parley/contracts';
import type { Database } from '@parley/database';
import { sql } from 'kysely';
import type { InVoice, SeenState } from './voice-state.js';
import type { SignalingTables, SignalingTransaction } from './signaling.tables.js';
import type { VoiceTables } from './voice.tables.js';

const columns = [
  ...(['user_id', 'username', 'server_id', 'channel_id', 'muted', 'deafened'] as const),
  ...(['joined_at', 'touched_at', 'revision'] as const),
] as const;
type Row = Pick<VoiceTables['voice_states'], (typeof columns)[number]>;

/** Two users, who may be in the same channel. */
export interface Pair {
  readonly userId: UserId;
  readonly toUserId: UserId;
}

/** Who is in which voice channel. */
export class VoiceRepository {
  readonly #database: Database<SignalingTables>;

  constructor(database: Database<SignalingTables>) {
    this.#database = database;
  }

  async load(userId: UserId, from = this.#database.kysely): Promise<InVoice | undefined> {
    const row = await from.selectFrom('voice_states').select(columns).where('user_id', '=', userId).executeTakeFirst();
    return row === undefined ? undefined : toState(row);
  }

  /** Until the transaction ends nobody else enters the channel: counting and entering are one step. */
  async lockChannel(trx: SignalingTransaction, channelId: ChannelId): Promise<void> {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${channelId}::text, 0))`.execute(trx);
  }

  async countIn(trx: SignalingTransaction, channelId: ChannelId): Promise<number> {
    const counted = await trx
      .selectFrom('voice_states')
      .select((e) => e.fn.countAll<number>().as('total'))
      .where('channel_id', '=', channelId)
      .executeTakeFirstOrThrow();
    return counted.total;
  }

  /** Joins the channel, or moves there from another. */
  async enter(trx: SignalingTransaction, shard: number, state: Omit<InVoice, 'revision'>): Promise<void> {
    await sql`
      INSERT INTO voice_states (user_id, shard, username, server_id, channel_id, muted, deafened, joined_at, touched_at,
                                place, revision)
      VALUES (${state.userId}, ${shard}, ${state.username}, ${state.serverId}, ${state.channelId}, ${state.muted},
              ${state.deafened}, ${state.joinedAt}, ${state.touchedAt}, nextval('voice_order'), nextval('voice_order'))
      ON CONFLICT (user_id) DO UPDATE SET
        username = excluded.username, server_id = excluded.server_id, channel_id = excluded.channel_id,
        muted = excluded.muted, deafened = excluded.deafened, joined_at = excluded.joined_at,
        touched_at = excluded.touched_at, place = excluded.place, revision = excluded.revision
    `.execute(trx);
  }

  /** Stays in the channel, in the same place. */
  async change(
    trx: SignalingTransaction,
    { userId, username, muted, deafened, touchedAt }: Omit<InVoice, 'revision'>,
  ): Promise<void> {
    await trx
      .updateTable('voice_states')
      .set({ username, muted, deafened, touched_at: touchedAt, revision: sql<number>`nextval('voice_order')` })
      .where('user_id', '=', userId)
      .execute();
  }

  /** The state as it was; undefined when the user was not in that channel. */
  async leave(trx: SignalingTransaction, userId: UserId, channelId: ChannelId): Promise<InVoice | undefined> {
    const row = await trx
      .deleteFrom('voice_states')
      .where('user_id', '=', userId)
      .where('channel_id', '=', channelId)
      .returning(columns)
      .executeTakeFirst();
    return row === undefined ? undefined : toState(row);
  }

  /** Those of them that are still as they were seen. */
  async end(trx: SignalingTransaction, seen: readonly SeenState[]): Promise<readonly InVoice[]> {
    const { rows } = await sql<Row>`
      DELETE FROM voice_states USING unnest(
        ${seen.map(({ userId }) => userId)}::uuid[], ${seen.map(({ revision }) => revision)}::bigint[]
      ) AS seen (user_id, revision)
      WHERE voice_states.user_id = seen.user_id AND voice_states.revision = seen.revision
      RETURNING ${sql.join(columns.map((column) => sql.ref(`voice_states.${column}`)))}
    `.execute(trx);
    return rows.map(toState);
  }

  /** In order of joining. */
  async inChannel(channelId: ChannelId): Promise<readonly InVoice[]> {
    const rows = await this.#database.kysely
      .selectFrom('voice_states')
      .select(columns)
      .where('channel_id', '=', channelId)
      .orderBy('place')
      .execute();
    return rows.map(toState);
  }

  /** For each pair the channel that both are in now, in the order asked. */
  async together(pairs: readonly Pair[]): Promise<readonly (ChannelId | undefined)[]> {
    const { rows } = await sql<{ place: number; channel_id: ChannelId }>`
      SELECT asked.place, one.channel_id
      FROM unnest(
        ${pairs.map(({ userId }) => userId)}::uuid[], ${pairs.map(({ toUserId }) => toUserId)}::uuid[]
      ) WITH ORDINALITY AS asked (user_id, to_user_id, place)
      JOIN voice_states AS one ON one.user_id = asked.user_id
      JOIN voice_states AS other ON other.user_id = asked.to_user_id AND other.channel_id = one.channel_id
    `.execute(this.#database.kysely);
    const found = new Map(rows.map(({ place, channel_id }) => [place, channel_id]));
    return pairs.map((_, index) => found.get(index + 1));
  }

  /** Users of these shards, a page at a time in order of user id. */
  async page(shards: readonly number[], after: UserId | undefined, limit: number): Promise<readonly InVoice[]> {
    let rows = this.#database.kysely
      .selectFrom('voice_states')
      .select(columns)
      .where(sql<boolean>`shard = ANY(${shards}::smallint[])`);
    if (after !== undefined) rows = rows.where('user_id', '>', after);
    return (await rows.orderBy('user_id').limit(limit).execute()).map(toState);
  }

  /** Users of these shards in the channel, or in any channel of the server. */
  async usersIn(
    where: { readonly channelId: ChannelId } | { readonly serverId: ServerId },
    shards: readonly number[],
  ): Promise<readonly UserId[]> {
    const users = this.#database.kysely
      .selectFrom('voice_states')
      .select('user_id')
      .where(sql<boolean>`shard = ANY(${shards}::smallint[])`);
    const rows = await (
      'channelId' in where
        ? users.where('channel_id', '=', where.channelId)
        : users.where('server_id', '=', where.serverId)
    ).execute();
    return rows.map((row) => row.user_id);
  }
}

function toState(row: Row): InVoice {
  return {
    userId: row.user_id,
    username: row.username,
    serverId: row.server_id,
    channelId: row.channel_id,
    muted: row.muted,
    deafened: row.deafened,
    joinedAt: row.joined_at,
    touchedAt: row.touched_at,
    revision: row.revision,
  };
}
