import type { LoginId, UserId } from '@parley/contracts';
import type { Connection } from '../socket/connection.js';

/** Which connections here belong to which login and user, so that a revocation or an operator finds them. */
export class LiveLogins {
  private readonly byLogin = new Map<LoginId, Set<Connection>>();
  private readonly byUser = new Map<UserId, Set<Connection>>();

  add(connection: Connection): void {
    const { login } = connection;
    if (login === undefined) return;
    entry(this.byLogin, login.loginId).add(connection);
    entry(this.byUser, login.userId).add(connection);
  }

  remove(connection: Connection): void {
    const { login } = connection;
    if (login === undefined) return;
    drop(this.byLogin, login.loginId, connection);
    drop(this.byUser, login.userId, connection);
  }

  ofLogin(loginId: LoginId): readonly Connection[] {
    return [...(this.byLogin.get(loginId) ?? [])];
  }

  ofUser(userId: UserId): readonly Connection[] {
    return [...(this.byUser.get(userId) ?? [])];
  }

  logins(): readonly LoginId[] {
    return [...this.byLogin.keys()];
  }
}

function entry<K>(map: Map<K, Set<Connection>>, key: K): Set<Connection> {
  let set = map.get(key);
  if (set === undefined) {
    set = new Set();
    map.set(key, set);
  }
  return set;
}

function drop<K>(map: Map<K, Set<Connection>>, key: K, connection: Connection): void {
  const set = map.get(key);
  if (set?.delete(connection) === true && set.size === 0) map.delete(key);
}
