import type { ConnectionStatus } from '../transport/connection-status.js';
import type { ParleyError } from '../transport/parley-error.js';
import type { Gap } from './subscriptions.js';
import type { DirectMessage, Notification, Presence, TopicMessage } from './topics-messages.js';

export interface TopicsEvents {
  status: readonly [status: ConnectionStatus];
  /** Every broadcast, whichever subscription it came by. */
  message: readonly [message: TopicMessage];
  directMessage: readonly [message: DirectMessage];
  notification: readonly [notification: Notification];
  /** Of the users whose `presence.<id>` is subscribed; who is online at that moment comes first. */
  presence: readonly [presence: Presence];
  gap: readonly [gap: Gap];
  /** What no promise tells of. */
  error: readonly [error: ParleyError];
}
