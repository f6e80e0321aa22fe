import type { Member, Server } from '@parley/contracts';
import type { MemberRow, ServerRow } from './chat.tables.js';

export function serverOf(row: ServerRow): Server {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    ownerId: row.owner_id,
    memberCount: row.member_count,
    createdAt: row.created_at.toISOString(),
  };
}

export function memberOf({ user_id, username, joined_at }: MemberRow): Member {
  return { userId: user_id, username, joinedAt: joined_at.toISOString() };
}
