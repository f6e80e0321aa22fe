import type { ConnectionId, DialectName, OpenedConnection, UserId } from '@parley/contracts';

/** How many connections one user may have on all gateways together, and of one dialect. */
export interface ConnectionLimits {
  readonly total: number;
  readonly byDialect: Readonly<Partial<Record<DialectName, number>>>;
}

/** Open connections per user, counted by dialect. */
export class ConnectionCounts {
  readonly #byUser = new Map<UserId, Map<DialectName, number>>();

  add(userId: UserId, dialect: DialectName, count = 1): void {
    let counts = this.#byUser.get(userId);
    if (counts === undefined) this.#byUser.set(userId, (counts = new Map<DialectName, number>()));
    counts.set(dialect, (counts.get(dialect) ?? 0) + count);
  }

  of(userId: UserId, dialect: DialectName): number {
    return this.#byUser.get(userId)?.get(dialect) ?? 0;
  }

  total(userId: UserId): number {
    let total = 0;
    for (const count of this.#byUser.get(userId)?.values() ?? []) total += count;
    return total;
  }
}

export interface Admission {
  readonly accepted: readonly OpenedConnection[];
  readonly refused: readonly ConnectionId[];
  /** The limit that refused the first of them, or the general one. */
  readonly limit: number;
}

/** Decides in the order given, counting each accepted one in `counts`. */
export function admit(
  opened: readonly OpenedConnection[],
  counts: ConnectionCounts,
  limits: ConnectionLimits,
): Admission {
  const accepted: OpenedConnection[] = [];
  const refused: ConnectionId[] = [];
  let limit: number | undefined;
  for (const connection of opened) {
    const reached = reachedLimit(connection, counts, limits);
    if (reached === undefined) {
      counts.add(connection.userId, connection.dialect);
      accepted.push(connection);
    } else {
      refused.push(connection.connectionId);
      limit ??= reached;
    }
  }
  return { accepted, refused, limit: limit ?? limits.total };
}

function reachedLimit(
  { userId, dialect }: OpenedConnection,
  counts: ConnectionCounts,
  limits: ConnectionLimits,
): number | undefined {
  if (counts.total(userId) >= limits.total) return limits.total;
  const ofDialect = limits.byDialect[dialect];
  return ofDialect !== undefined && counts.of(userId, dialect) >= ofDialect ? ofDialect : undefined;
}

/** Those of one report in whose place others of it have come already. */
export function replacedAmong(opened: readonly OpenedConnection[]): ReadonlySet<ConnectionId> {
  const users = new Map(opened.map(({ connectionId, userId }) => [connectionId, userId]));
  const replaced = new Set<ConnectionId>();
  for (const { connectionId, userId, replaces } of opened) {
    if (replaces !== undefined && replaces !== connectionId && users.get(replaces) === userId) replaced.add(replaces);
  }
  return replaced;
}
