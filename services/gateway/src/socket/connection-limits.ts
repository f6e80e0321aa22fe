import type { Dialect, KeepAlive, SessionLimits } from '@parley/dialects';
import type { GatewayOptions } from '../gateway.options.js';
import type { InboxLimits } from './inbox.js';
import type { OutboxLimits } from './outbox.js';

export interface ConnectionLimits {
  readonly inbox: InboxLimits;
  readonly outbox: OutboxLimits;
  readonly preLoginBytes: number;
  readonly bytesPerSecond: number;
  readonly byteBurst: number;
  readonly loginDeadlineMs: number;
  /** In place of the dialect's own times, ms. */
  readonly probeAfterMs?: number | undefined;
  readonly silentAfterMs?: number | undefined;
}

/** What a connection may cost, as the options have it. */
export function connectionLimits(options: GatewayOptions): ConnectionLimits {
  return {
    inbox: { frames: options.inboxFrames, bytes: options.inboxBytes },
    outbox: { softBytes: options.outboxSoftBytes, hardBytes: options.outboxHardBytes },
    preLoginBytes: options.preLoginBytes,
    bytesPerSecond: options.bytesPerSecond,
    byteBurst: options.byteBurst,
    loginDeadlineMs: options.loginDeadlineMs,
    probeAfterMs: options.keepAliveProbeMs,
    silentAfterMs: options.keepAliveSilentMs,
  };
}

/** What its session may do. */
export function sessionLimits(options: GatewayOptions): SessionLimits {
  return {
    messagesPerSecond: options.messagesPerSecond,
    messageBurst: options.messageBurst,
    subscriptions: options.maxSubscriptions,
    operationsPerSecond: options.operationsPerSecond,
    cursorsPerSecond: options.cursorsPerSecond,
  };
}

/** When its client is asked whether it is there, and when it is taken to be gone. */
export function keepAliveOf(
  { keepAlive }: Dialect,
  limits: ConnectionLimits,
): Pick<KeepAlive, 'probeAfterMs' | 'silentAfterMs'> {
  return {
    probeAfterMs: limits.probeAfterMs ?? keepAlive.probeAfterMs,
    silentAfterMs: limits.silentAfterMs ?? keepAlive.silentAfterMs,
  };
}
