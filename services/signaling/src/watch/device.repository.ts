import type { ConnectionId, DeviceId, GatewayId, UserId } from '@parley/contracts';
import type { Database } from '@parley/database';
import { sql } from 'kysely';
import type { SignalingTables, SignalingTransaction } from '../signaling.tables.js';
import { linkOf, type Link, type StoredDevice } from './device.js';
import type { PresenceValue, WatchTables } from './watch.tables.js';

const columns = [
  ...(['device_id', 'owner_id', 'name', 'key_hash', 'principal_id', 'created_at'] as const),
  ...(['connection_id', 'gateway_id', 'lost_at', 'last_seen_at', 'presence'] as const),
  ...(['doubted_connection_id', 'doubted_gateway_id'] as const),
] as const;
type Row = Pick<WatchTables['devices'], (typeof columns)[number]>;

export interface ConnectedDevice {
  readonly deviceId: DeviceId;
  readonly principalId: UserId;
  readonly connectionId: ConnectionId;
}

export interface DoubtedDevice extends ConnectedDevice {
  readonly gatewayId: GatewayId;
}

const noDoubt = { doubted_connection_id: null, doubted_gateway_id: null } as const;

/** Devices, and whom they are shared with. */
export class DeviceRepository {
  readonly #database: Database<SignalingTables>;

  constructor(database: Database<SignalingTables>) {
    this.#database = database;
  }

  async load(deviceId: DeviceId, from = this.#database.kysely): Promise<StoredDevice | undefined> {
    const row = await from.selectFrom('devices').select(columns).where('device_id', '=', deviceId).executeTakeFirst();
    return row === undefined ? undefined : toDevice(row);
  }

  /** Until the transaction ends nobody else registers for this owner: counting and registering are one step. */
  async countOf(trx: SignalingTransaction, ownerId: UserId): Promise<number> {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`devices ${ownerId}`}::text, 0))`.execute(trx);
    const counted = await trx
      .selectFrom('devices')
      .select((e) => e.fn.countAll<number>().as('total'))
      .where('owner_id', '=', ownerId)
      .executeTakeFirstOrThrow();
    return counted.total;
  }

  /** False: the id is taken. */
  async insert(trx: SignalingTransaction, device: StoredDevice, shard: number): Promise<boolean> {
    const inserted = await trx
      .insertInto('devices')
      .values({
        device_id: device.id,
        shard,
        owner_id: device.ownerId,
        name: device.name,
        key_hash: device.keyHash,
        principal_id: device.principalId,
        created_at: device.createdAt,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('device_id')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  async delete(trx: SignalingTransaction, deviceId: DeviceId): Promise<void> {
    await trx.deleteFrom('devices').where('device_id', '=', deviceId).execute();
  }

  /** In order of id: owned by the user, or shared with them. */
  async of(userId: UserId, after: DeviceId | undefined, limit: number): Promise<readonly StoredDevice[]> {
    const { rows } = await sql<Row>`
      SELECT ${sql.join(columns.map((column) => sql.ref(column)))} FROM devices
      WHERE (owner_id = ${userId} OR device_id IN (SELECT device_id FROM device_viewers WHERE user_id = ${userId}))
        AND device_id > ${after ?? ''}
      ORDER BY device_id LIMIT ${limit}
    `.execute(this.#database.kysely);
    return rows.map(toDevice);
  }

  async connect(trx: SignalingTransaction, deviceId: DeviceId, link: Link, now: number): Promise<void> {
    await trx
      .updateTable('devices')
      .set({
        connection_id: link.connectionId,
        gateway_id: link.gatewayId,
        connected_at: now,
        lost_at: null,
        last_seen_at: now,
        ...noDoubt,
      })
      .where('device_id', '=', deviceId)
      .execute();
  }

  /** Only while it is reached by this connection. */
  async lose(trx: SignalingTransaction, deviceId: DeviceId, connectionId: ConnectionId, now: number): Promise<boolean> {
    const lost = await trx
      .updateTable('devices')
      .set(lostSince(now))
      .where('device_id', '=', deviceId)
      .where('connection_id', '=', connectionId)
      .returning('device_id')
      .executeTakeFirst();
    return lost !== undefined;
  }

  /** All of a shard that are reached by a gateway, which is only believed to be gone. Returns how many. */
  async loseGateway(trx: SignalingTransaction, shard: number, gatewayId: GatewayId, now: number): Promise<number> {
    const lost = await trx
      .updateTable('devices')
      .set((e) => ({
        ...lostSince(now),
        doubted_connection_id: e.ref('connection_id'),
        doubted_gateway_id: e.ref('gateway_id'),
      }))
      .where('gateway_id', '=', gatewayId)
      .where('shard', '=', shard)
      .returning('device_id')
      .execute();
    return lost.length;
  }

  async setPresence(
    trx: SignalingTransaction,
    deviceId: DeviceId,
    presence: PresenceValue,
    now: number,
  ): Promise<void> {
    const value = JSON.stringify(presence);
    await sql`
      UPDATE devices SET presence = ${value}::jsonb, last_seen_at = ${now} WHERE device_id = ${deviceId}
    `.execute(trx);
  }

  /** Of these shards, connected that long ago, a page at a time in order of id. */
  async connected(
    shards: readonly number[],
    connectedBefore: number,
    after: DeviceId | undefined,
    limit: number,
  ): Promise<readonly ConnectedDevice[]> {
    const { rows } = await sql<{ device_id: DeviceId; principal_id: UserId; connection_id: ConnectionId }>`
      SELECT device_id, principal_id, connection_id FROM devices
      WHERE shard = ANY(${[...shards]}::smallint[]) AND connection_id IS NOT NULL
        AND connected_at <= ${connectedBefore} AND device_id > ${after ?? ''}
      ORDER BY device_id LIMIT ${limit}
    `.execute(this.#database.kysely);
    return rows.map((row) => ({
      deviceId: row.device_id,
      principalId: row.principal_id,
      connectionId: row.connection_id,
    }));
  }

  /** Of these shards, lost that long ago with their gateway, a page at a time in order of id. */
  async doubted(
    shards: readonly number[],
    lostBefore: number,
    after: DeviceId | undefined,
    limit: number,
  ): Promise<readonly DoubtedDevice[]> {
    const { rows } = await sql<{
      device_id: DeviceId;
      principal_id: UserId;
      connection_id: ConnectionId;
      gateway_id: GatewayId;
    }>`
      SELECT device_id, principal_id, doubted_connection_id AS connection_id, doubted_gateway_id AS gateway_id FROM devices
      WHERE shard = ANY(${[...shards]}::smallint[]) AND doubted_connection_id IS NOT NULL
        AND lost_at <= ${lostBefore} AND device_id > ${after ?? ''}
      ORDER BY device_id LIMIT ${limit}
    `.execute(this.#database.kysely);
    return rows.map((row) => ({
      deviceId: row.device_id,
      principalId: row.principal_id,
      connectionId: row.connection_id,
      gatewayId: row.gateway_id,
    }));
  }

  /** Who was lost that long ago does not come back on the same connection. */
  async forgetDoubts(shards: readonly number[], lostBefore: number): Promise<void> {
    await this.#database.kysely
      .updateTable('devices')
      .set(noDoubt)
      .where(sql<boolean>`shard = ANY(${[...shards]}::smallint[])`)
      .where('doubted_connection_id', 'is not', null)
      .where('lost_at', '<=', lostBefore)
      .execute();
  }

  /** This connection is gone for certain. */
  async settle(trx: SignalingTransaction, connectionId: ConnectionId): Promise<void> {
    await trx.updateTable('devices').set(noDoubt).where('doubted_connection_id', '=', connectionId).execute();
  }

  async countConnected(shards: readonly number[]): Promise<number> {
    const { rows } = await sql<{ total: number }>`
      SELECT count(*) AS total FROM devices
      WHERE shard = ANY(${[...shards]}::smallint[]) AND connection_id IS NOT NULL
    `.execute(this.#database.kysely);
    return rows[0]?.total ?? 0;
  }

  async isSharedWith(deviceId: DeviceId, userId: UserId, from = this.#database.kysely): Promise<boolean> {
    const found = await from
      .selectFrom('device_viewers')
      .select('user_id')
      .where('device_id', '=', deviceId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return found !== undefined;
  }

  /** In order of sharing. */
  async viewersOf(deviceIds: readonly DeviceId[], from = this.#database.kysely): Promise<Map<DeviceId, UserId[]>> {
    const rows = await from
      .selectFrom('device_viewers')
      .select(['device_id', 'user_id'])
      .where(sql<boolean>`device_id = ANY(${[...deviceIds]}::text[])`)
      .orderBy('shared_at')
      .orderBy('user_id')
      .execute();
    const viewers = new Map<DeviceId, UserId[]>(deviceIds.map((id) => [id, []]));
    for (const row of rows) viewers.get(row.device_id)?.push(row.user_id);
    return viewers;
  }

  async share(trx: SignalingTransaction, deviceId: DeviceId, userId: UserId, now: number): Promise<void> {
    await trx
      .insertInto('device_viewers')
      .values({ device_id: deviceId, user_id: userId, shared_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  /** False: it was not shared with them. */
  async unshare(trx: SignalingTransaction, deviceId: DeviceId, userId: UserId): Promise<boolean> {
    const removed = await trx
      .deleteFrom('device_viewers')
      .where('device_id', '=', deviceId)
      .where('user_id', '=', userId)
      .returning('user_id')
      .executeTakeFirst();
    return removed !== undefined;
  }
}

function lostSince(now: number) {
  return { connection_id: null, gateway_id: null, connected_at: null, lost_at: now, last_seen_at: now };
}

function toDevice(row: Row): StoredDevice {
  return {
    id: row.device_id,
    ownerId: row.owner_id,
    name: row.name,
    keyHash: row.key_hash,
    principalId: row.principal_id,
    createdAt: row.created_at,
    link: linkOf(row.connection_id, row.gateway_id),
    lostAt: row.lost_at,
    doubted: linkOf(row.doubted_connection_id, row.doubted_gateway_id),
    lastSeenAt: row.last_seen_at,
    presence: row.presence,
  };
}
