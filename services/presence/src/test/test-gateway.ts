import {
  newConnectionId,
  newLoginId,
  shardOf,
  type ConnectionId,
  type DialectName,
  type GatewayId,
  type OpenedConnection,
  type Outcome,
  type UserId,
} from '@parley/contracts';
import type { ConnectionReport, ReportAnswer } from '../report.js';

type Ask = (report: ConnectionReport) => Promise<Outcome<ReportAnswer>>;

export interface TestConnection {
  readonly userId: UserId;
  readonly connectionId: ConnectionId;
}

export function newConnection(userId: UserId, dialect: DialectName = 'topics'): OpenedConnection {
  const ids = { connectionId: newConnectionId(), loginId: newLoginId() };
  return { ...ids, userId, dialect, address: '192.0.2.7', connectedAt: 1_700_000_000_000 };
}

/** Reports as a gateway does, one change at a time. */
export class TestGateway {
  constructor(
    readonly gatewayId: GatewayId,
    readonly ask: Ask,
  ) {}

  async open(userId: UserId, dialect?: DialectName, over: Partial<OpenedConnection> = {}): Promise<OpenedConnection> {
    const connection = { ...newConnection(userId, dialect), ...over };
    const { refused } = await this.report([connection], []);
    if (refused.length > 0) throw new Error('the connection was refused');
    return connection;
  }

  async close(...connections: readonly TestConnection[]): Promise<void> {
    await this.report([], connections);
  }

  /** Of users of one shard. */
  async report(opened: readonly OpenedConnection[], closed: readonly TestConnection[]): Promise<ReportAnswer> {
    const some = opened[0] ?? closed[0];
    if (some === undefined) throw new Error('nothing to report');
    const answer = await this.ask({
      shard: shardOf(some.userId),
      gatewayId: this.gatewayId,
      opened: [...opened],
      closed: closed.map(({ connectionId, userId }) => ({ connectionId, userId })),
    });
    if (!answer.ok) throw new Error(`report: ${answer.error.message}`);
    return answer.value;
  }
}
