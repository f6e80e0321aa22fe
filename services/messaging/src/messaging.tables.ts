import type { ConnectionId, DirectMessage, GatewayId, MessageId, UserId } from '@parley/contracts';
import type { Generated, JSONColumnType, Kysely, Transaction } from 'kysely';
import type { ChatTables } from './chat/chat.tables.js';

interface DirectMessagesTable {
  recipient: UserId;
  position: Generated<number>;
  shard: number;
  message_id: MessageId;
  head: JSONColumnType<Omit<DirectMessage, 'position'>>;
  payload: Buffer;
  size: number;
  stored_at: Generated<Date>;
  expires_at: Date;
  announced: Generated<boolean>;
  claimed_by: ConnectionId | null;
  claimed_gateway: GatewayId | null;
  claimed_until: Date | null;
}

interface DirectSendsTable {
  recipient: UserId;
  sender: UserId;
  idempotency_key: Buffer;
  shard: number;
  message_id: MessageId;
  delivered_to: JSONColumnType<ConnectionId[]>;
  stored_at: Generated<Date>;
}

export interface MessagingTables extends ChatTables {
  direct_messages: DirectMessagesTable;
  direct_sends: DirectSendsTable;
}

/** Within a transaction or outside. */
export type Sql = Kysely<MessagingTables>;
export type Trx = Transaction<MessagingTables>;
