import type { ConnectionId, OpenedConnection } from '@parley/contracts';
import type { Login } from '@parley/dialects';
import type { Connection } from '../socket/connection.js';

/** A connection as presence is told of it. */
export function openedOf(connection: Connection, login: Login, replaces?: ConnectionId): OpenedConnection {
  return {
    connectionId: connection.id,
    userId: login.userId,
    loginId: login.loginId,
    dialect: connection.dialect.name,
    address: connection.address,
    connectedAt: connection.connectedAt,
    ...(login.guest === undefined ? {} : { guest: true }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}
