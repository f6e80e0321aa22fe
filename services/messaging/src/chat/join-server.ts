import { fail, membershipChanged, ok, serverEvent, type Server, type servers } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { memberships } from './chat.metrics.js';
import { noServer } from './refusals.js';
import { memberOf, serverOf } from './server.js';
import { insertMember, lockMemberships, lockServer, renameMember } from './server.repository.js';

type Request = Static<typeof servers.join.request>;

export async function joinServer(
  { writes, limits, usernameOf }: Chat,
  { actorId, serverId }: Request,
  shard: number,
): Promise<Result<Server, 'not_found' | 'limit_exceeded'>> {
  const username = await usernameOf(actorId);
  if (!username.ok) return username;
  return writes.run(shard, async (trx, announce) => {
    const standing = await lockServer(trx, serverId, actorId);
    if (standing === undefined || standing.isBanned) return noServer;
    if (standing.isMember) {
      await renameMember(trx, serverId, actorId, username.value);
      return ok(serverOf(standing.server));
    }
    if (standing.server.member_count >= limits.membersPerServer) {
      return fail('limit_exceeded', `A server has at most ${String(limits.membersPerServer)} members.`);
    }
    if ((await lockMemberships(trx, actorId)) >= limits.serversPerUser) {
      return fail('limit_exceeded', `A user is in at most ${String(limits.serversPerUser)} servers.`);
    }
    const { member, server } = await insertMember(trx, serverId, actorId, username.value);
    announce(membershipChanged, actorId, { userId: actorId, serverId, change: 'joined' });
    const memberCount = server.member_count;
    announce(serverEvent, serverId, { type: 'member_joined', member: memberOf(member), memberCount });
    memberships.add(1, { change: 'joined' });
    return ok(serverOf(server));
  });
}
