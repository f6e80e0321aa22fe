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
    const subjects = new Map<string, readonly string[]>();
    let left = ids.filter((id) => userIdCheck.is(id));
    // Who does not fit into one answer is left out of it and asked for again.
    for (let before = Infinity; left.length > 0 && left.length < before;) {
      before = left.length;
      const found = await caller.call(servers.ofUsers, { userIds: left });
      if (!found.ok) return undefined;
      for (const { userId, serverIds } of found.value.users) {
        subjects.set(userId, [userChannel(userId), ...serverIds.map((serverId) => serverEvent.subject(serverId))]);
      }
      left = left.filter((userId) => !subjects.has(userId));
    }
    for (const userId of left) subjects.set(userId, [userChannel(userId)]);
    return subjects;
  },
};

export const routes: readonly Route[] = [presenceRoute];
