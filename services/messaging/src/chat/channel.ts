import type { Channel } from '@parley/contracts';
import type { ChannelRow } from './chat.tables.js';

export function channelOf(row: ChannelRow): Channel {
  return {
    id: row.id,
    serverId: row.server_id,
    name: row.name,
    type: row.type,
    position: row.position,
    topic: row.topic,
    createdAt: row.created_at.toISOString(),
  };
}
