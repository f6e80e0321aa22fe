import type { GatewayId, TrailEntry, UserId } from '@parley/contracts';
import type { Verdict } from '../login/presence-reporter.js';
import type { Connection } from '../socket/connection.js';

/** As much of a connection as is remembered. */
export interface Seen extends Pick<Connection, 'id' | 'address' | 'connectedAt' | 'login' | 'ended' | 'closure'> {
  readonly dialect: Pick<Connection['dialect'], 'name'>;
}
type Remembered = Omit<TrailEntry, 'gatewayId'>;

export interface TrailLimits {
  /** Entries of one user. */
  readonly perUser: number;
  /** Of all users; those of whoever was not heard of for the longest time go first. */
  readonly entries: number;
  readonly ageMs: number;
}

const LIMITS: TrailLimits = { perUser: 100, entries: 20_000, ageMs: 24 * 60 * 60_000 };

/**
 * What happened lately to users' connections on this gateway, also to those that are gone. Guests are left out: anybody can be
 * any number of guests, and would push out everybody else.
 */
export class Trail {
  /** Oldest first; users in order of their newest entry. */
  private readonly byUser = new Map<UserId, Remembered[]>();
  private count = 0;

  constructor(
    private readonly gatewayId: GatewayId,
    private readonly limits: TrailLimits = LIMITS,
    private readonly now: () => number = Date.now,
  ) {}

  /** Now that it is known whose it is. */
  connected(connection: Seen): void {
    this.add(connection, { what: 'connected', at: connection.connectedAt, address: connection.address });
  }

  judged(connection: Seen, verdict: Verdict): void {
    // It left before there was an answer.
    if (connection.closure !== undefined) return;
    const at = this.now();
    if (verdict === 'accepted') this.add(connection, { what: 'logged_in', at });
    else this.add(connection, { what: 'refused', at, reason: 'too_many_connections' });
  }

  /** Of one that never logged in nobody knows whose it was. */
  closed(connection: Seen): void {
    const { closure, ended } = connection;
    const reason = ended ?? (closure?.here === true ? 'protocol' : 'client');
    this.add(connection, { what: 'closed', at: this.now(), code: closure?.code ?? 1006, reason });
  }

  /** Newest first. */
  of(userId: UserId, limit: number): TrailEntry[] {
    const since = this.now() - this.limits.ageMs;
    const entries = this.byUser.get(userId)?.filter(({ at }) => at >= since) ?? [];
    return entries
      .slice(-limit)
      .reverse()
      .map((entry) => ({ ...entry, gatewayId: this.gatewayId }));
  }

  private add(
    { id: connectionId, dialect, login }: Seen,
    what: Omit<Remembered, 'connectionId' | 'loginId' | 'dialect'>,
  ): void {
    if (login === undefined || login.guest !== undefined) return;
    const { userId, loginId } = login;
    const entries = this.byUser.get(userId) ?? [];
    entries.push({ ...what, connectionId, loginId, dialect: dialect.name });
    this.byUser.delete(userId);
    this.byUser.set(userId, entries);
    this.count += 1;
    if (entries.length > this.limits.perUser) this.drop(userId, entries);
    for (const [oldest, theirs] of this.byUser) {
      if (this.count <= this.limits.entries) break;
      this.drop(oldest, theirs);
    }
  }

  private drop(userId: UserId, entries: Remembered[]): void {
    entries.shift();
    this.count -= 1;
    if (entries.length === 0) this.byUser.delete(userId);
  }
}
