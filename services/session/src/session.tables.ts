import type { ConnectionId, ConnectionStatus, GatewayId, MemberId, SessionId, UserId } from '@parley/contracts';
import type { Transaction } from 'kysely';

/** As in migrations/; times are ms since 1970. Only the repositories write rows, so what is read back is what was checked. */
export interface SessionTables {
  readonly sessions: {
    readonly session_id: SessionId;
    readonly shard: number;
    readonly name: string;
    readonly max_members: number;
    readonly host_token_hash: Buffer;
    readonly host_member_id: MemberId;
    readonly user_id: UserId | null;
    readonly maker: string;
    readonly created_at: number;
    readonly touched_at: number;
    readonly untold: boolean;
  };
  readonly members: {
    readonly member_id: MemberId;
    readonly session_id: SessionId;
    readonly shard: number;
    readonly device_id: string;
    readonly name: string;
    readonly is_host: boolean;
    readonly joined_at: number;
    readonly account_id: UserId | null;
    readonly status: ConnectionStatus;
    readonly connection_id: ConnectionId | null;
    readonly gateway_id: GatewayId | null;
    readonly login_user_id: UserId | null;
    readonly connected_at: number | null;
    readonly lost_at: number | null;
  };
}

export type SessionTransaction = Transaction<SessionTables>;
