import {
  compile,
  membershipChanged,
  presenceChanged,
  serverEvent,
  servers,
  UserId,
  userChannel,
} from '@parley/contracts';
import type { Route } from '../route.js';

const userIdCheck = compile(UserId);

/** A user's presence goes to everyone who listens to one of that user's servers, and to the user's own connections. */
const presenceRoute: Route = {
  subject: presenceChanged.subject('*'),
  forgottenOn: membershipChanged.subject('*'),
  async lookup(caller, ids) {
    const userIds = ids.filter((id) => userIdCheck.is(id));
    const found = await caller.call(servers.ofUsers, { userIds });
    if (!found.ok) return undefined;
    const subjects = new Map(userIds.map((userId) => [userId, [userChannel(userId)]]));
    for (const { userId, serverIds } of found.value.users) {
      subjects.get(userId)?.push(...serverIds.map((serverId) => serverEvent.subject(serverId)));
    }
    return subjects;
  },
};

export const routes: readonly Route[] = [presenceRoute];
