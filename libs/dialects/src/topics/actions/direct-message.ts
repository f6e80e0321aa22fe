import { auth, compile, messaging, UserId, Username, type AppError, type Outcome } from '@parley/contracts';
import type { Caller, Commands } from '../../command.js';
import { ack, reply } from '../encode.js';
import { errorMessage, refuse } from '../errors.js';
import type { UpDirectMessage } from '../up.js';
import { earlierAnswer, rememberAnswer, repeatKey } from './repeat.js';
import type { Scope } from './scope.js';

const MAX_TTL_SECONDS = 30 * 86_400;

const userIdCheck = compile(UserId);
const usernameCheck = compile(Username);

/** Stored in order, one after the other; a copy of an answered one is answered from memory and not sent at all. */
export function directMessage(scope: Scope, message: UpDirectMessage): Commands {
  return [{ kind: 'call', perform: (caller) => deliver(scope, caller, message) }];
}

async function deliver(scope: Scope, caller: Caller, message: UpDirectMessage): Promise<Commands> {
  const { id, raw } = message;
  const asked = message.data.target_user;
  const key = id === undefined ? undefined : repeatKey(scope, 'DirectMessage', asked, id, raw);
  const earlier = key === undefined ? undefined : await earlierAnswer(scope, caller, key);
  if (earlier !== undefined) return [reply(earlier)];

  const target = await resolveUser(caller, asked);
  if (!target.ok) return refuseUser(target.error, asked, id);
  const ttl = message.metadata?.ttl;
  const sent = await caller.call(
    messaging.sendDirect,
    {
      from: scope.login.userId,
      to: target.value,
      format: 'json',
      ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
      ...(ttl === undefined ? {} : { ttl: Math.min(Math.floor(ttl), MAX_TTL_SECONDS) }),
      ...(key === undefined ? {} : { idempotencyKey: key }),
    },
    { body: raw },
  );
  if (!sent.ok) return refuseUser(sent.error, asked, id);
  if (sent.value.deliveredTo.length === 0) return waits(caller, key, id, asked);
  if (id === undefined || key === undefined) return [];
  const answer = ack({ message_id: id, status: 'delivered', delivered_to: sent.value.deliveredTo });
  return [reply(rememberAnswer(caller, key, answer))];
}

function waits(caller: Caller, key: string | undefined, id: string | undefined, asked: string): Commands {
  const details = { ...(id === undefined ? {} : { message_id: id }), queued: true };
  const answer = errorMessage(absent(asked), details);
  return [reply(key === undefined ? answer : rememberAnswer(caller, key, answer))];
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
