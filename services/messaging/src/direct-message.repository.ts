import type { ConnectionId, GatewayId, MessageId, UserId } from '@parley/contracts';
import type { Database, ShardLeases } from '@parley/database';
import { sql, type Transaction } from 'kysely';
import {
  fitting,
  REPEAT_SECONDS,
  type NewDirect,
  type StoreResult,
  type Waiter,
  type WaitingDirect,
} from './direct-message.js';
import type { MessagingTables } from './messaging.tables.js';
import { ofShards } from './of-shards.repository.js';

export interface Claim {
  readonly recipient: UserId;
  readonly connectionId: ConnectionId;
  readonly gatewayId: GatewayId | undefined;
  readonly limit: number;
  readonly maxBytes: number;
  readonly seconds: number;
}

const now = sql<Date>`now()`;
const inSeconds = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;
const secondsAgo = inSeconds;

/** The only SQL about direct messages. What gives or takes places in a queue is fenced; what only cleans up is not. */
export class DirectMessageRepository {
  constructor(
    private readonly database: Database<MessagingTables>,
    private readonly leases: Pick<ShardLeases<MessagingTables>, 'fence'>,
  ) {}

  store(shard: number, message: NewDirect, queueLimit: number): Promise<StoreResult> {
    return this.database.transaction(async (trx) => {
      await this.leases.fence(trx, shard);
      const earlier = await findSend(trx, message);
      if (earlier !== undefined) {
        return { type: 'repeated', messageId: earlier.message_id, deliveredTo: earlier.delivered_to };
      }
      const waiting = await countWaiting(trx, message.head.to, queueLimit);
      if (waiting >= queueLimit) return { type: 'full' };
      const position = await insertMessage(trx, shard, message);
      await rememberSend(trx, shard, message);
      return { type: 'stored', position, alone: waiting === 0 };
    });
  }

  /** The message reached somebody, or need not wait any longer. Right whoever owns the shard by now, hence no fence. */
  async settleSend(message: NewDirect, position: number, deliveredTo: readonly ConnectionId[]): Promise<void> {
    const { to, from } = message.head;
    await this.database.transaction(async (trx) => {
      await trx.deleteFrom('direct_messages').where('recipient', '=', to).where('position', '=', position).execute();
      if (message.idempotencyKey === undefined || deliveredTo.length === 0) return;
      await trx
        .updateTable('direct_sends')
        .set({ delivered_to: JSON.stringify(deliveredTo) })
        .where('recipient', '=', to)
        .where('sender', '=', from)
        .where('idempotency_key', '=', Buffer.from(message.idempotencyKey))
        .execute();
    });
  }

  /**
   * Claims the oldest messages for a connection. While another connection holds claims there is nothing to take, since
   * the order between the two would be lost. A connection that asks again gets what it did not settle once more.
   */
  take(shard: number, claim: Claim): Promise<{ messages: readonly WaitingDirect[]; more: boolean }> {
    return this.database.transaction(async (trx) => {
      await this.leases.fence(trx, shard);
      if (await isClaimedByAnother(trx, claim)) return { messages: [], more: false };
      const oldest = await trx
        .selectFrom('direct_messages')
        .select(['position', 'size'])
        .where('recipient', '=', claim.recipient)
        .where('expires_at', '>', now)
        .orderBy('position')
        .limit(claim.limit + 1)
        .execute();
      const page = fitting(oldest.slice(0, claim.limit), claim.maxBytes);
      const last = page.at(-1);
      const messages = last === undefined ? [] : await markClaimed(trx, claim, last.position);
      return { messages: messages.toSorted((a, b) => a.position - b.position), more: oldest.length > page.length };
    });
  }

  /** Deletes what was written to a socket. True: more waits for the recipient, and nobody has claimed it. */
  async settleClaims(recipient: UserId, messageIds: readonly MessageId[]): Promise<boolean> {
    await this.database.kysely
      .deleteFrom('direct_messages')
      .where('recipient', '=', recipient)
      .where('message_id', 'in', [...messageIds])
      .execute();
    const left = await this.database.kysely
      .selectFrom('direct_messages')
      .select(({ fn }) => [
        fn.countAll<number>().as('waiting'),
        fn.count<number>('claimed_by').filterWhere('claimed_until', '>', now).as('claimed'),
      ])
      .where('recipient', '=', recipient)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return left !== undefined && left.waiting > 0 && left.claimed === 0;
  }

  async markAnnounced({ recipient, shard }: Waiter, upTo: number): Promise<void> {
    await this.database.kysely
      .updateTable('direct_messages')
      .set({ announced: true })
      .where('shard', '=', shard)
      .where('recipient', '=', recipient)
      .where('position', '<=', upTo)
      .where('announced', '=', false)
      .execute();
  }

  /** Recipients of messages that were stored `ageSeconds` ago or earlier, and of which no gateway was told. */
  unannounced(shards: readonly number[], ageSeconds: number, limit: number): Promise<(Waiter & { upTo: number })[]> {
    return this.database.kysely
      .selectFrom('direct_messages')
      .select(({ fn }) => ['shard', 'recipient', fn.max('position').as('upTo')])
      .where(ofShards(shards))
      .where('announced', '=', false)
      .where('expires_at', '>', now)
      .where('stored_at', '<=', secondsAgo(-ageSeconds))
      .groupBy(['shard', 'recipient'])
      .limit(limit)
      .execute();
  }

  /** Claims that nobody confirmed in time, or all of one gateway, end: their messages are to be announced once more. */
  async releaseClaims(shards: readonly number[], ofGateway?: GatewayId): Promise<number> {
    const released = await this.database.kysely
      .updateTable('direct_messages')
      .set({ claimed_by: null, claimed_gateway: null, claimed_until: null, announced: false })
      .where(ofShards(shards))
      .where('claimed_until', 'is not', null)
      .where(({ eb }) =>
        ofGateway === undefined ? eb('claimed_until', '<=', now) : eb('claimed_gateway', '=', ofGateway),
      )
      .executeTakeFirst();
    return Number(released.numUpdatedRows);
  }

  /** At most `limit` of each table. How many there were. */
  async deleteExpired(shards: readonly number[], limit: number): Promise<{ messages: number; sends: number }> {
    const messages = await sql`
      DELETE FROM direct_messages WHERE (recipient, position) IN (
        SELECT recipient, position FROM direct_messages
        WHERE ${ofShards(shards)} AND expires_at <= now() AND (claimed_until IS NULL OR claimed_until <= now())
        LIMIT ${limit})`.execute(this.database.kysely);
    const sends = await sql`
      DELETE FROM direct_sends WHERE (recipient, sender, idempotency_key) IN (
        SELECT recipient, sender, idempotency_key FROM direct_sends
        WHERE ${ofShards(shards)} AND stored_at <= ${secondsAgo(-REPEAT_SECONDS)}
        LIMIT ${limit})`.execute(this.database.kysely);
    return { messages: Number(messages.numAffectedRows ?? 0), sends: Number(sends.numAffectedRows ?? 0) };
  }
}

type Trx = Transaction<MessagingTables>;

function findSend(trx: Trx, { head, idempotencyKey }: NewDirect) {
  if (idempotencyKey === undefined) return undefined;
  return trx
    .selectFrom('direct_sends')
    .select(['message_id', 'delivered_to'])
    .where('recipient', '=', head.to)
    .where('sender', '=', head.from)
    .where('idempotency_key', '=', Buffer.from(idempotencyKey))
    .where('stored_at', '>', secondsAgo(-REPEAT_SECONDS))
    .executeTakeFirst();
}

/** Counts to `limit` only. What a connection has claimed still counts: later messages must not overtake it. */
async function countWaiting(trx: Trx, recipient: UserId, limit: number): Promise<number> {
  const found = await trx
    .selectFrom('direct_messages')
    .select('position')
    .where('recipient', '=', recipient)
    .where((eb) => eb.or([eb('expires_at', '>', now), eb('claimed_until', '>', now)]))
    .limit(limit)
    .execute();
  return found.length;
}

async function insertMessage(trx: Trx, shard: number, message: NewDirect): Promise<number> {
  const { payload } = message;
  const { position } = await trx
    .insertInto('direct_messages')
    .values({
      recipient: message.head.to,
      shard,
      message_id: message.head.messageId,
      head: JSON.stringify(message.head),
      payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
      size: message.size,
      expires_at: inSeconds(message.ttl),
    })
    .returning('position')
    .executeTakeFirstOrThrow();
  return position;
}

async function rememberSend(trx: Trx, shard: number, { head, idempotencyKey }: NewDirect): Promise<void> {
  if (idempotencyKey === undefined) return;
  const answer = { message_id: head.messageId, delivered_to: '[]', stored_at: now };
  await trx
    .insertInto('direct_sends')
    .values({
      recipient: head.to,
      sender: head.from,
      idempotency_key: Buffer.from(idempotencyKey),
      shard,
      ...answer,
    })
    // One that is older than two minutes and not cleaned up yet.
    .onConflict((conflict) => conflict.columns(['recipient', 'sender', 'idempotency_key']).doUpdateSet(answer))
    .execute();
}

async function isClaimedByAnother(trx: Trx, claim: Claim): Promise<boolean> {
  const other = await trx
    .selectFrom('direct_messages')
    .select('position')
    .where('recipient', '=', claim.recipient)
    .where('claimed_until', '>', now)
    .where('claimed_by', '<>', claim.connectionId)
    .limit(1)
    .executeTakeFirst();
  return other !== undefined;
}

function markClaimed(trx: Trx, claim: Claim, upTo: number): Promise<WaitingDirect[]> {
  return trx
    .updateTable('direct_messages')
    .set({
      claimed_by: claim.connectionId,
      claimed_gateway: claim.gatewayId ?? null,
      claimed_until: inSeconds(claim.seconds),
      announced: true,
    })
    .where('recipient', '=', claim.recipient)
    .where('position', '<=', upTo)
    .where('expires_at', '>', now)
    .returning(['position', 'head', 'payload'])
    .execute();
}
