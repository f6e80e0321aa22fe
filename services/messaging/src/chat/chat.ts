import type { ErrorCode, Outcome, TransportErrorCode, UserId } from '@parley/contracts';
import type { Logger } from '@parley/telemetry';
import type { Sql } from '../messaging.tables.js';
import type { ChatWrites } from './chat-writes.js';
import type { MessageWriter } from './message-writer.js';

/** What a verb's own errors are joined with. */
export type Result<T, E extends ErrorCode = never> = Outcome<T, E | TransportErrorCode>;

export interface ChatLimits {
  readonly serversPerUser: number;
  readonly channelsPerServer: number;
  readonly membersPerServer: number;
}

/** What the verbs of chat work with. */
export interface Chat {
  /** For reading; writes go through `writes` or `messages`. */
  readonly sql: Sql;
  readonly writes: ChatWrites;
  readonly messages: MessageWriter;
  readonly limits: ChatLimits;
  readonly logger: Logger;
  /** The name that the user has now. */
  readonly usernameOf: (userId: UserId) => Promise<Result<string, 'not_found'>>;
  /** Something was removed whose parts are still there. */
  readonly removed: () => void;
}
