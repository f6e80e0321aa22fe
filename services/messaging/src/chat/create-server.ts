import { fail, membershipChanged, ok, type ChannelType, type Server, type servers } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { memberships } from './chat.metrics.js';
import { insertChannel } from './channel.repository.js';
import { serverOf } from './server.js';
import { insertMember, insertServer, lockMemberships, lockServer } from './server.repository.js';
import { storable } from './text.js';

type Request = Static<typeof servers.create.request>;

export interface FirstChannel {
  readonly name: string;
  readonly type: ChannelType;
}

/** `channels`: those that the server has from the start; none, unless it is ours. */
export async function createServer(
  { writes, limits, usernameOf }: Chat,
  { actorId, serverId, ...given }: Request,
  shard: number,
  channels: readonly FirstChannel[] = [],
): Promise<Result<Server, 'limit_exceeded'>> {
  const texts = storable({ name: given.name, description: given.description ?? null });
  if (!texts.ok) return texts;
  const username = await usernameOf(actorId);
  if (!username.ok) {
    const { code, message } = username.error;
    return fail(code === 'not_found' ? 'invalid' : code, message);
  }
  return writes.run(shard, async (trx, announce) => {
    const earlier = await lockServer(trx, serverId, actorId);
    if (earlier?.isOwner === true) return ok(serverOf(earlier.server));
    if ((await lockMemberships(trx, actorId)) >= limits.serversPerUser) {
      return fail('limit_exceeded', `A user is in at most ${String(limits.serversPerUser)} servers.`);
    }
    const made = await insertServer(trx, { id: serverId, shard, owner_id: actorId, ...texts.value });
    if (made === undefined) return fail('invalid', 'is taken', { field: 'serverId' });
    const { server } = await insertMember(trx, serverId, actorId, username.value);
    for (const [position, channel] of channels.entries()) {
      await insertChannel(trx, { ...channel, server_id: serverId, position, topic: null });
    }
    announce(membershipChanged, actorId, { userId: actorId, serverId, change: 'joined' });
    memberships.add(1, { change: 'joined' });
    return ok(serverOf(server));
  });
}
