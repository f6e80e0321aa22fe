import type { ChannelId, ChannelType, MessageId, ServerId, UserId } from '@parley/contracts';
import type { Generated, Selectable } from 'kysely';

interface ServersTable {
  id: ServerId;
  shard: number;
  name: string;
  description: string | null;
  owner_id: UserId;
  member_count: number;
  created_at: Generated<Date>;
  removed_at: Generated<Date | null>;
}

interface MembersTable {
  server_id: ServerId;
  user_id: UserId;
  username: string;
  joined_at: Generated<Date>;
}

interface BansTable {
  server_id: ServerId;
  user_id: UserId;
  banned_at: Generated<Date>;
}

interface ChannelsTable {
  id: ChannelId;
  server_id: ServerId;
  name: string;
  type: ChannelType;
  position: number;
  topic: string | null;
  created_at: Generated<Date>;
}

interface MessagesTable {
  id: MessageId;
  channel_id: ChannelId;
  author_id: UserId;
  content: string;
  reply_to: MessageId | null;
  created_at: Date;
  updated_at: Date | null;
  removed_at: Date | null;
}

interface RemovedChannelsTable {
  channel_id: ChannelId;
  shard: number;
}

export interface ChatTables {
  servers: ServersTable;
  members: MembersTable;
  bans: BansTable;
  channels: ChannelsTable;
  messages: MessagesTable;
  removed_channels: RemovedChannelsTable;
}

export type ServerRow = Selectable<ServersTable>;
export type MemberRow = Selectable<MembersTable>;
export type ChannelRow = Selectable<ChannelsTable>;
export type MessageRow = Selectable<MessagesTable>;
