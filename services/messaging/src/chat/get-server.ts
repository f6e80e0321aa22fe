import { ok, type Server, type servers } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { noServer } from './refusals.js';
import { serverOf } from './server.js';
import { serverOfMember } from './server.repository.js';

type Request = Static<typeof servers.get.request>;

export async function getServer({ sql }: Chat, { actorId, serverId }: Request): Promise<Result<Server, 'not_found'>> {
  const row = await attempt(() => serverOfMember(sql, serverId, actorId));
  if (!row.ok) return row;
  return row.value === undefined ? noServer : ok(serverOf(row.value));
}
