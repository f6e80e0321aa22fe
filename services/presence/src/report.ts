import {
  fail,
  ok,
  shardOf,
  type ConnectionId,
  type GatewayId,
  type OpenedConnection,
  type Outcome,
  type UserId,
} from '@parley/contracts';
import type { Clock } from './clock.js';
import { admit, replacedAmong, type ConnectionLimits } from './connection.js';
import { accountsOf, type ConnectionRepository } from './connection.repository.js';
import { connected, disconnected } from './presence-state.js';
import { closedConnections, openedConnections, refusedConnections } from './presence.metrics.js';
import type { PresenceTransaction } from './presence.tables.js';
import type { ShardWriter } from './shard-writer.js';

export interface ConnectionReport {
  readonly shard: number;
  readonly gatewayId: GatewayId;
  readonly opened: readonly OpenedConnection[];
  readonly closed: readonly { readonly connectionId: ConnectionId; readonly userId: UserId }[];
}

export interface ReportAnswer {
  readonly refused: ConnectionId[];
  readonly limit: number;
}

/**
 * What opened and closed on one gateway, among the users of one shard. Safe to repeat: what is open already is passed
 * over, and so is what is gone already. A handful of statements, however much is reported.
 */
export class ReportConnections {
  readonly #writer: ShardWriter;
  readonly #connections: ConnectionRepository;
  readonly #limits: ConnectionLimits;
  readonly #graceMs: number;
  readonly #clock: Clock;

  constructor(
    writer: ShardWriter,
    connections: ConnectionRepository,
    settings: { readonly limits: ConnectionLimits; readonly graceMs: number; readonly clock: Clock },
  ) {
    this.#writer = writer;
    this.#connections = connections;
    this.#limits = settings.limits;
    this.#graceMs = settings.graceMs;
    this.#clock = settings.clock;
  }

  async run(report: ConnectionReport): Promise<Outcome<ReportAnswer, 'invalid' | 'unavailable' | 'timeout'>> {
    for (const list of ['opened', 'closed'] as const) {
      const stranger = report[list].findIndex(({ userId }) => shardOf(userId) !== report.shard);
      if (stranger >= 0) {
        return fail('invalid', 'user is of another shard', { field: `${list}.${stranger}.userId` });
      }
    }
    if (report.opened.length + report.closed.length === 0) return ok({ refused: [], limit: this.#limits.total });
    return this.#writer.write(report.shard, (trx) => this.#apply(trx, report));
  }

  async #apply(trx: PresenceTransaction, report: ConnectionReport): Promise<ReportAnswer> {
    const now = this.#clock();
    const closing = new Set(report.closed.map(({ connectionId }) => connectionId));
    const left = await this.#connections.close(trx, report.gatewayId, [...closing], now);
    const fresh = await this.#notKnown(trx, report.opened, closing);
    const { staying, replaced } = await this.#replace(trx, report, fresh, now);
    const users = [...new Set([...left, ...fresh].map(({ userId }) => userId))];
    const counts = await this.#connections.counts(trx, users);
    const { accepted, refused, limit } = admit(staying, counts, this.#limits);
    await this.#connections.open(trx, report.shard, report.gatewayId, accepted);

    // The first of each user, which need not be told that its user is here now.
    const arrived = new Map(accepted.toReversed().map(({ userId, connectionId }) => [userId, connectionId]));
    const occasion = { now, by: (userId: UserId) => arrived.get(userId) };
    await this.#writer.change(trx, report.shard, accountsOf([...left, ...fresh]), occasion, (state) => {
      if (arrived.has(state.userId)) return connected(state);
      return counts.total(state.userId) > 0 ? state : disconnected(state, now, this.#graceMs);
    });
    countReport(accepted, left.length + replaced, refused.length);
    return { refused: [...refused], limit };
  }

  /** Who comes in another's place takes it before anyone is counted; the other's gateway is told with the commit. */
  async #replace(
    trx: PresenceTransaction,
    { shard, gatewayId }: ConnectionReport,
    fresh: readonly OpenedConnection[],
    now: number,
  ): Promise<{ readonly staying: readonly OpenedConnection[]; readonly replaced: number }> {
    const closed = await this.#connections.closeReplaced(trx, fresh, now);
    const withinReport = replacedAmong(fresh);
    const passing = fresh.filter(({ connectionId }) => withinReport.has(connectionId));
    await this.#writer.disconnect(trx, shard, [...closed, ...passing.map((one) => ({ ...one, gatewayId }))]);
    const staying = fresh.filter(({ connectionId }) => !withinReport.has(connectionId));
    return { staying, replaced: closed.length };
  }

  /** One that opened and closed within the report was never here; one that is repeated within it counts once. */
  async #notKnown(
    trx: PresenceTransaction,
    opened: readonly OpenedConnection[],
    closing: ReadonlySet<ConnectionId>,
  ): Promise<readonly OpenedConnection[]> {
    const candidates = new Map(opened.map((connection) => [connection.connectionId, connection]));
    for (const connectionId of closing) candidates.delete(connectionId);
    const known = await this.#connections.known(trx, [...candidates.keys()]);
    return [...candidates.values()].filter(({ connectionId }) => !known.has(connectionId));
  }
}

function countReport(accepted: readonly OpenedConnection[], closed: number, refused: number): void {
  const byDialect = new Map<string, number>();
  for (const { dialect } of accepted) byDialect.set(dialect, (byDialect.get(dialect) ?? 0) + 1);
  for (const [dialect, count] of byDialect) openedConnections.add(count, { dialect });
  if (closed > 0) closedConnections.add(closed);
  if (refused > 0) refusedConnections.add(refused);
}
