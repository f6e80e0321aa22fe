import type { ConnectionId, DialectName, GatewayId, LoginId, Status, UserId } from '@parley/contracts';
import type { Transaction } from 'kysely';

/** As in migrations/; times are ms since 1970. Only the repositories write rows, so what is read back is what was checked. */
export interface PresenceTables {
  readonly users: {
    readonly user_id: UserId;
    readonly shard: number;
    readonly chosen: Status;
    readonly metadata: string;
    readonly visible: Status;
    readonly grace_until: number | null;
    readonly last_seen: number;
  };
  readonly connections: {
    readonly connection_id: ConnectionId;
    readonly user_id: UserId;
    readonly shard: number;
    readonly gateway_id: GatewayId;
    readonly login_id: LoginId;
    readonly dialect: DialectName;
    readonly address: string;
    readonly connected_at: number;
    readonly guest: boolean;
  };
  readonly departures: {
    readonly user_id: UserId;
    readonly dialect: DialectName;
    readonly gone_since: number;
  };
}

export type PresenceTransaction = Transaction<PresenceTables>;
