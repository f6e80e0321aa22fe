import { auth, compile, messaging, UserId, Username, type AppError, type Outcome } from '@parley/contracts';
import { none, type Caller, type Commands } from '../../command.js';
import { ack, reply } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpDirectMessage } from '../up.js';
import { repeatKey } from './repeat.js';
import type { Scope } from './scope.js';

const MAX_TTL_SECONDS = 30 * 86_400;

const userIdCheck = compile(UserId);
const usernameCheck = compile(Username);

/**
 * Stored in order, one after the other. Under the same key the service stores nothing and gives its first answer, so a
 * message that is sent again needs no memory here.
 */
export function directMessage(scope: Scope, message: UpDirectMessage): Commands {
  return [{ kind: 'call', perform: (caller) => deliver(scope, caller, message) }];
}

async function deliver(scope: Scope, caller: Caller, message: UpDirectMessage): Promise<Commands> {
  const { id, targetUser: asked, payload, metadata, ttl } = message;
  const target = await resolveUser(caller, asked);
  if (!target.ok) return refuseUser(target.error, asked, id);
  const request = {
    from: scope.login.userId,
    to: target.value,
    format: 'json' as const,
    ...(metadata === undefined ? {} : { metadata }),
    ...(ttl === undefined ? {} : { ttl: Math.min(Math.floor(ttl), MAX_TTL_SECONDS) }),
    ...(id === undefined ? {} : { idempotencyKey: repeatKey(scope, 'DirectMessage', asked, id, payload) }),
  };
  const sent = await caller.call(messaging.sendDirect, request, { body: payload });
  if (!sent.ok) return refuseUser(sent.error, asked, id);
  const { deliveredTo } = sent.value;
  if (deliveredTo.length === 0) return refuse(absent(asked), id, { queued: request.ttl !== 0 });
  return id === undefined ? none : [reply(ack({ message_id: id, status: 'delivered', delivered_to: deliveredTo }))];
}

/** A user by id or, as an extension, by name. */
export async function resolveUser(
  caller: Caller,
  asked: string,
): Promise<Outcome<UserId, 'not_found' | 'invalid' | 'unavailable' | 'timeout' | 'internal'>> {
  if (userIdCheck.is(asked)) return { ok: true, value: asked };
  if (!usernameCheck.is(asked)) return { ok: false, error: { code: 'not_found', message: 'No such user' } };
  const found = await caller.call(auth.findUser, { username: asked });
  return found.ok ? { ok: true, value: found.value.id } : found;
}

export function refuseUser(error: AppError, asked: string, id: string | undefined): Commands {
  return error.code === 'not_found' ? refuse(absent(asked), id, { queued: false }) : refuse(error, id);
}

/** The document's own words, for users who are away and for users who do not exist. */
export function absent(asked: string): AppError<'not_found'> {
  return { code: 'not_found', message: `User ${asked} not found or not connected` };
}
