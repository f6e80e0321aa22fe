import { newConnectionId, newGatewayId } from '@parley/contracts';
import type { Dialect, EndReason } from './dialect.js';

/** Why the gateway ends connections, for people. */
const reasons: Record<EndReason, string> = {
  revoked: 'the login was revoked',
  login_timeout: 'no login in time',
  idle: 'silent for too long',
  bad_input: 'too many bad messages',
  binary_refused: 'a binary frame where none has a meaning',
  too_large: 'a frame over the limit',
  slow: 'reads too slowly',
  flooding: 'sends far beyond its rate',
  shutdown: 'the gateway shuts down',
  rebalance: 'connections move to another gateway',
  disconnected: 'an operator’s order',
  replaced: 'another connection has come in its place',
  internal: 'a fault of the server',
};

export interface Ending {
  readonly reason: EndReason;
  readonly summary: string;
  readonly code: number;
  /** As the close frame says it. */
  readonly said: string;
}

/** How a dialect closes for each reason of the gateway: asked of a session of its own. */
export function endingsOf(dialect: Dialect): readonly Ending[] {
  return Object.entries(reasons).flatMap(([name, summary]) => {
    const reason = name;
    if (!isReason(reason)) return [];
    const session = dialect.open({
      connectionId: newConnectionId(),
      gatewayId: newGatewayId(),
      endpoint: dialect.endpoints[0]?.path ?? '/',
      query: new URLSearchParams(),
      token: undefined,
      limits: { messagesPerSecond: 1, messageBurst: 1, subscriptions: 1, operationsPerSecond: 1, cursorsPerSecond: 1 },
      now: () => 0,
      sha256: () => '',
      gunzip: () => Promise.resolve(undefined),
    });
    const close = session.ending(reason).find((command) => command.kind === 'close');
    return close === undefined ? [] : [{ reason, summary, code: close.code, said: close.reason }];
  });
}

function isReason(name: string): name is EndReason {
  return Object.hasOwn(reasons, name);
}
