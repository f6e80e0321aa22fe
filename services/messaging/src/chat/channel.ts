import type { Channel } from '@parley/contracts';
import type { ChannelRow } from './chat.tables.js';

/** Names and topics of one server's channels, as JSON: the list of them goes over the bus in one piece. */
const MAX_TEXT_BYTES = 600_000;

/** `others`: what the other channels of the server take. */
export function isTooMuchText({ name, topic }: Pick<ChannelRow, 'name' | 'topic'>, others: number): boolean {
  return others + Buffer.byteLength(JSON.stringify([name, topic])) > MAX_TEXT_BYTES;
}

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
