import type { LoginId, UserId } from '@parley/contracts';
import type { Connection } from '../socket/connection.js';

/**
 * Which connections here belong to which login and user, so that a revocation or an operator finds them. Guests have no
 * login that auth knows of, but perhaps somebody who answers for them.
 */
export class LiveLogins {
  private readonly byLogin = new Map<LoginId, Connection | Set<Connection>>();
  private readonly byUser = new Map<UserId, Connection | Set<Connection>>();
  private readonly guestsByLogin = new Map<LoginId, Connection | Set<Connection>>();
  private readonly bySponsor = new Map<UserId, Connection | Set<Connection>>();

  add(connection: Connection): void {
    const { login } = connection;
    if (login === undefined) return;
    const { guest, loginId } = login;
    add(guest === undefined ? this.byLogin : this.guestsByLogin, loginId, connection);
    if (guest?.sponsor !== undefined) add(this.bySponsor, guest.sponsor, connection);
    add(this.byUser, login.userId, connection);
  }

  remove(connection: Connection): void {
    const { login } = connection;
    if (login === undefined) return;
    const { guest, loginId } = login;
    drop(guest === undefined ? this.byLogin : this.guestsByLogin, loginId, connection);
    if (guest?.sponsor !== undefined) drop(this.bySponsor, guest.sponsor, connection);
    drop(this.byUser, login.userId, connection);
  }

  ofLogin(loginId: LoginId): readonly Connection[] {
    return [...listOf(this.byLogin.get(loginId)), ...listOf(this.guestsByLogin.get(loginId))];
  }

  ofUser(userId: UserId): readonly Connection[] {
    return listOf(this.byUser.get(userId));
  }

  /** Guests for whom this user answers. */
  guestsOf(sponsor: UserId): readonly Connection[] {
    return listOf(this.bySponsor.get(sponsor));
  }

  sponsors(): readonly UserId[] {
    return [...this.bySponsor.keys()];
  }

  /** Those that auth can be asked about. */
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
