import type { LoginId, UserId } from '@parley/contracts';
import type { Connection } from '../socket/connection.js';

/** Which connections here belong to which login and user, so that a revocation or an operator finds them. */
export class LiveLogins {
  private readonly byLogin = new Map<LoginId, Connection | Set<Connection>>();
  private readonly byUser = new Map<UserId, Connection | Set<Connection>>();

  add(connection: Connection): void {
    const { login } = connection;
    if (login === undefined) return;
    add(this.byLogin, login.loginId, connection);
    add(this.byUser, login.userId, connection);
  }

  remove(connection: Connection): void {
    const { login } = connection;
    if (login === undefined) return;
    drop(this.byLogin, login.loginId, connection);
    drop(this.byUser, login.userId, connection);
  }

  ofLogin(loginId: LoginId): readonly Connection[] {
    return listOf(this.byLogin.get(loginId));
  }

  ofUser(userId: UserId): readonly Connection[] {
    return listOf(this.byUser.get(userId));
  }

  logins(): readonly LoginId[] {
    return [...this.byLogin.keys()];
  }
}

/** Nearly every login and user has one connection, so a Set is made only for the second. */
function add<K>(map: Map<K, Connection | Set<Connection>>, key: K, connection: Connection): void {
  const known = map.get(key);
  if (known instanceof Set) known.add(connection);
  else if (known === undefined || known === connection) map.set(key, connection);
  else map.set(key, new Set([known, connection]));
}

function drop<K>(map: Map<K, Connection | Set<Connection>>, key: K, connection: Connection): void {
  const known = map.get(key);
  if (known === connection) map.delete(key);
  else if (known instanceof Set && known.delete(connection) && known.size === 0) map.delete(key);
}

function listOf(known: Connection | Set<Connection> | undefined): readonly Connection[] {
  if (known === undefined) return [];
  return known instanceof Set ? [...known] : [known];
}
