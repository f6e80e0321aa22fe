import type {
  ConnectionId,
  DeviceId,
  GatewayId,
  SignalType,
  UserId,
  WatchEndReason,
  WatchSessionId,
} from '@parley/contracts';

export type Role = 'device' | 'viewer';
export type PresenceValue = Readonly<Record<string, unknown>>;

/** As in migrations/; times are ms since 1970. Only the repositories write rows, so what is read back is what was checked. */
export interface WatchTables {
  readonly devices: {
    readonly device_id: DeviceId;
    readonly shard: number;
    readonly owner_id: UserId;
    readonly name: string;
    readonly key_hash: Buffer | null;
    readonly principal_id: UserId;
    readonly created_at: number;
    readonly connection_id: ConnectionId | null;
    readonly gateway_id: GatewayId | null;
    readonly connected_at: number | null;
    readonly lost_at: number | null;
    readonly last_seen_at: number | null;
    readonly presence: PresenceValue | null;
    readonly doubted_connection_id: ConnectionId | null;
    readonly doubted_gateway_id: GatewayId | null;
  };
  readonly device_viewers: {
    readonly device_id: DeviceId;
    readonly user_id: UserId;
    readonly shared_at: number;
  };
  readonly watch_sessions: {
    readonly session_id: WatchSessionId;
    readonly shard: number;
    readonly device_id: DeviceId;
    readonly owner_id: UserId;
    readonly user_id: UserId;
    readonly connection_id: ConnectionId | null;
    readonly gateway_id: GatewayId | null;
    readonly connected_at: number;
    readonly lost_at: number | null;
    readonly started_at: number;
    readonly offered_at: number | null;
    readonly answered_at: number | null;
    readonly ended_at: number | null;
    readonly reason: WatchEndReason | null;
  };
  readonly held_signals: {
    readonly session_id: WatchSessionId;
    readonly to_role: Role;
    readonly place: number;
    readonly type: SignalType;
    readonly body: Buffer;
  };
}
