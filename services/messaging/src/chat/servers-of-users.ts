import { ok, type ServerId, type servers, type UserId } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { REPLY_BYTES } from './reply-size.js';
import { membershipsOf } from './server.repository.js';

type Request = Static<typeof servers.ofUsers.request>;
type Reply = Static<typeof servers.ofUsers.reply>;

const ID_BYTES = 39;
const USER_BYTES = 80;

/** Every user in the answer has all of their servers there; who is not in it did not fit, and is to be asked for again. */
export async function serversOfUsers({ sql }: Chat, { userIds }: Request): Promise<Result<Reply>> {
  const rows = await attempt(() => membershipsOf(sql, userIds));
  if (!rows.ok) return rows;
  const found = new Map<UserId, ServerId[]>(userIds.map((userId) => [userId, []]));
  for (const { user_id, server_id } of rows.value) found.get(user_id)?.push(server_id);
  const users: Reply['users'] = [];
  let bytes = 0;
  for (const [userId, serverIds] of found) {
    bytes += USER_BYTES + ID_BYTES * serverIds.length;
    if (bytes > REPLY_BYTES && users.length > 0) break;
    users.push({ userId, serverIds });
  }
  return ok({ users });
}
