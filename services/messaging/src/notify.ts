import { fail, ok, type messaging, type Outcome, type TransportErrorCode } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { KnownUsers } from './known-users.js';
import { notifications } from './messaging.metrics.js';
import type { Outlet } from './outlet.js';

type Request = Static<typeof messaging.notify.request>;
type Reply = Static<typeof messaging.notify.reply>;

interface Dependencies {
  readonly outlet: Pick<Outlet, 'notifyAll' | 'notifyUser'>;
  readonly users: KnownUsers;
}

export async function notify(
  { outlet, users }: Dependencies,
  { notification, userId }: Request,
): Promise<Outcome<Reply, 'not_found' | TransportErrorCode>> {
  if (userId !== undefined) {
    const known = await users.exists(userId);
    if (!known.ok) return known;
    if (!known.value) return fail('not_found', 'There is no such user.');
  }
  const sent =
    userId === undefined ? await outlet.notifyAll(notification) : await outlet.notifyUser(userId, notification);
  if (!sent.ok) return sent;
  notifications.add(1, { audience: userId === undefined ? 'all' : 'user' });
  return ok({ recipients: sent.value.count });
}
