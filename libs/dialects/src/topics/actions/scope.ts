import type { Actor, MessageId, Topic, TopicPattern, UserId } from '@parley/contracts';
import type { Login } from '../../command.js';
import type { SessionContext } from '../../dialect.js';
import type { SparseMap } from '../../sparse.js';
import type { Ack } from '../down.js';
import type { BinaryType } from '../up.js';

/** Where binary frames of one type go. */
export type BinaryRoute =
  | { readonly to: 'topic'; readonly topic: Topic; readonly name?: string }
  | { readonly to: 'user'; readonly userId: UserId; readonly asked: string; readonly name?: string };

/** What one logged-in connection remembers; bounded by the limits of `context` and by what is under way. */
export interface Scope {
  readonly context: Omit<SessionContext, 'query'>;
  login: Login;
  /** Patterns that it is subscribed to. */
  readonly patterns: Set<TopicPattern>;
  readonly routes: SparseMap<BinaryType, BinaryRoute>;
  /** Broadcasts whose receivers are being counted, by idempotency key. */
  readonly pending: SparseMap<string, Promise<Ack>>;
  /** Direct messages that have come live of late, since the queue may offer them once more. */
  readonly live: Set<MessageId>;
}

export function actorOf({ userId, grants }: Login): Actor {
  return { type: 'user', userId, ...(grants === undefined ? {} : { grants }) };
}
