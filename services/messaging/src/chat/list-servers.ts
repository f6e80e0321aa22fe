import { ok, type servers } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { serverOf } from './server.js';
import { serversOf } from './server.repository.js';

type Request = Static<typeof servers.list.request>;
type Reply = Static<typeof servers.list.reply>;

export async function listServers({ sql }: Chat, { actorId }: Request): Promise<Result<Reply>> {
  const rows = await attempt(() => serversOf(sql, actorId));
  return rows.ok ? ok({ servers: rows.value.map(serverOf) }) : rows;
}
