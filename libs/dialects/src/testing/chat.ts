import {
  auth,
  newChannelId,
  newConnectionId,
  newMessageId,
  newServerId,
  newUserId,
  ok,
  presence,
  servers,
  type ChatMessage,
  type Outcome,
  type Presence,
  type RawEvent,
  type Server,
  type User,
  type VoiceState,
} from '@parley/contracts';
import { chat } from '../chat/index.js';
import type { JoinRequest, JoinResult, Login } from '../command.js';
import type { Encoded } from '../dialect.js';
import { aLogin, contentOf, theOne } from './fixtures.js';
import { Harness, type HarnessOptions } from './harness.js';

export { aLogin, anEvent, MINUTE } from './fixtures.js';

export const CREATED = '2025-01-01T00:00:00.000Z';
export const EDITED = '2025-01-01T12:05:00.000Z';

/** A session of `chat` before its first frame, for a user who is `online` and a member of these servers. */
export function aSession(mine: readonly Server[] = [], options: Partial<HarnessOptions> = {}): Harness {
  const harness = new Harness(chat, { connectionId: newConnectionId(), ...options });
  harness.answer(auth.getUser, ({ userId }) => ok(aUser({ id: userId })));
  harness.answer(servers.list, () => ok({ servers: [...mine] }));
  harness.answer(presence.chosen, () => ok({ status: 'online' }));
  return harness;
}

/** The same after READY, with an empty log. */
export async function aConnection(
  login: Login = aLogin(),
  mine: readonly Server[] = [],
  options: Partial<HarnessOptions> = {},
): Promise<Harness> {
  const harness = aSession(mine, options);
  await harness.open(ok(login));
  harness.takeLog();
  return harness;
}

/** Joins at these positions, in order of asking; where recovery is asked for, it is as complete as said. */
export function joinsAt(positions: readonly number[], complete = true) {
  const left = [...positions];
  return (requests: readonly JoinRequest[]): Outcome<readonly JoinResult[], 'unavailable'> =>
    ok(
      requests.map(({ subject, recover }) => ({
        subject,
        position: left.shift() ?? 0,
        ...(recover === undefined ? {} : { recovered: { complete, count: 0 } }),
      })),
    );
}

export function aUser(over: Partial<User> = {}): User {
  const id = newUserId();
  return { id, username: 'alice', email: 'alice@example.com', avatarUrl: null, createdAt: CREATED, ...over };
}

export function aServer(over: Partial<Server> = {}): Server {
  return {
    id: newServerId(),
    name: 'My Gaming Server',
    description: null,
    ownerId: newUserId(),
    memberCount: 12,
    createdAt: CREATED,
    ...over,
  };
}

export function aMessage(over: Partial<ChatMessage> = {}): ChatMessage {
  return {
    id: newMessageId(),
    channelId: newChannelId(),
    serverId: newServerId(),
    authorId: newUserId(),
    content: 'Hello, everyone!',
    replyTo: null,
    createdAt: CREATED,
    updatedAt: null,
    ...over,
  };
}

export function aVoiceState(over: Partial<VoiceState> = {}): VoiceState {
  return {
    userId: newUserId(),
    username: 'alice',
    serverId: newServerId(),
    channelId: newChannelId(),
    muted: false,
    deafened: false,
    joinedAt: CREATED,
    ...over,
  };
}

export function aPresence(over: Partial<Presence> = {}): Presence {
  return { userId: newUserId(), status: 'online', lastSeen: 0, metadata: {}, ...over };
}

export function encoded(event: RawEvent): Encoded | undefined {
  return theOne(chat.encoders.get(event.kind)?.encode(event));
}

/** The frames of an event as text. */
export function framesOf(event: RawEvent): string[] {
  return (encoded(event)?.frames ?? []).map((frame) => String(contentOf(frame)));
}
