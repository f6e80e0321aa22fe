import type { Bus } from '@parley/bus';
import { presence, type Status, type UserId } from '@parley/contracts';

/** An answer holds what fits into one message; the rest is asked for again, this often at most. */
const MAX_ASKED = 5;

/**
 * What others see of these users now (1,000 at most). Presence is an extra to a list of members: those of whom it can't be had
 * now are left out, and nothing fails.
 */
export async function statusesOf(bus: Bus, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, Status>> {
  const found = new Map<UserId, Status>();
  for (let asked = 0; asked < MAX_ASKED && found.size < userIds.length; asked += 1) {
    const wanted = userIds.filter((id) => !found.has(id));
    const answer = await bus.call(presence.lookup, { userIds: wanted });
    if (!answer.ok || answer.value.presences.length === 0) break;
    for (const { userId, status } of answer.value.presences) found.set(userId, status);
  }
  return found;
}
