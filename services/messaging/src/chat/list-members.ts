import { ok, type servers } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { noServer } from './refusals.js';
import { memberOf } from './server.js';
import { membersOf, serverOfMember } from './server.repository.js';

type Request = Static<typeof servers.members.request>;
type Reply = Static<typeof servers.members.reply>;

export async function listMembers(
  { sql }: Chat,
  { actorId, serverId, after, limit }: Request,
): Promise<Result<Reply, 'not_found'>> {
  const rows = await attempt(async () => {
    const server = await serverOfMember(sql, serverId, actorId);
    return server === undefined ? undefined : membersOf(sql, serverId, after, limit + 1);
  });
  if (!rows.ok) return rows;
  if (rows.value === undefined) return noServer;
  return ok({ members: rows.value.slice(0, limit).map(memberOf), more: rows.value.length > limit });
}
