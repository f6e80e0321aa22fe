import type { ConnectionId, DocumentType, GatewayId, RoomId, RoomRole, UserId } from '@parley/contracts';
import type { Generated, Kysely, Selectable, Transaction } from 'kysely';

/** As in migrations/. Only repositories write rows, so what is read back is what was checked. */
export interface RoomsTables {
  rooms: {
    id: RoomId;
    shard: number;
    type: DocumentType;
    public: boolean;
    incarnation: string;
    snapshot: string;
    snapshot_version: Generated<number>;
    announced_version: Generated<number>;
    unannounced: Generated<boolean>;
    log_start: Generated<number>;
    last_numeric_id: Generated<number>;
    created_at: Generated<Date>;
    removed_at: Generated<Date | null>;
  };
  operations: {
    room_id: RoomId;
    version: number;
    operation_id: string;
    user_id: UserId;
    connection_id: ConnectionId;
    base_version: number;
    batch_version: number;
    operation: string;
    created_at: Generated<Date>;
  };
  members: {
    room_id: RoomId;
    user_id: UserId;
    role: MemberRole;
    since: Generated<Date>;
  };
  numeric_ids: { room_id: RoomId; user_id: UserId; numeric_id: number };
  participants: {
    room_id: RoomId;
    connection_id: ConnectionId;
    shard: number;
    gateway_id: GatewayId;
    user_id: UserId;
    username: string;
    numeric_id: number;
    role: RoomRole;
    since: Generated<Date>;
    lost_at: Generated<Date | null>;
  };
}

/** `banned`: removed from a public room by an owner. */
export type MemberRole = RoomRole | 'banned';

export type RoomRow = Selectable<RoomsTables['rooms']>;
export type ParticipantRow = Selectable<RoomsTables['participants']>;

export type Sql = Kysely<RoomsTables>;
export type Trx = Transaction<RoomsTables>;
