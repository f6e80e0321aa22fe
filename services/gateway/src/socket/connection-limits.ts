import type { SessionLimits } from '@parley/dialects';
import type { GatewayOptions } from '../gateway.options.js';
import type { ConnectionLimits } from './connection.js';

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
