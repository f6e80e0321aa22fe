import { ok, serverEvent, type Server, type servers } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { noServer, ownerOnly } from './refusals.js';
import { serverOf } from './server.js';
import { lockServer, updateServer as update } from './server.repository.js';
import { given, storable } from './text.js';

type Request = Static<typeof servers.update.request>;

export async function updateServer(
  { writes }: Chat,
  { actorId, serverId, name, description }: Request,
  shard: number,
): Promise<Result<Server, 'not_found' | 'forbidden'>> {
  const texts = storable({ name, description });
  if (!texts.ok) return texts;
  const changes = given(texts.value);
  return writes.run(shard, async (trx, announce) => {
    const standing = await lockServer(trx, serverId, actorId);
    if (standing?.isMember !== true) return noServer;
    if (!standing.isOwner) return ownerOnly;
    if (Object.keys(changes).length === 0) return ok(serverOf(standing.server));
    const server = serverOf(await update(trx, serverId, changes));
    announce(serverEvent, serverId, { type: 'server_updated', server });
    return ok(server);
  });
}
