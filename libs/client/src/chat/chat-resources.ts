import { isBoolean, isNumber, isString, list, literal, nullable, optional, shape } from '../transport/check.js';
import type { ChatPresence } from './chat-messages.js';

/** Times are ISO 8601, UTC. */
export interface ChatServer {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly owner_id: string;
  readonly member_count: number;
  readonly created_at: string;
}

export interface ChatMember {
  readonly user_id: string;
  readonly username: string;
  readonly joined_at: string;
  /** At that moment; the socket tells of its changes. Left out where it could not be had. */
  readonly status?: ChatPresence['status'] | undefined;
}

export interface ChatMembers {
  /** In order of their id. */
  readonly members: readonly ChatMember[];
  readonly more: boolean;
}

export interface ChatChannel {
  readonly id: string;
  readonly server_id: string;
  readonly name: string;
  readonly type: 'text' | 'voice';
  readonly position: number;
  readonly topic: string | null;
  readonly created_at: string;
}

/** As `RTCPeerConnection` takes them; TURN credentials are the caller's own. */
export interface IceServers {
  readonly iceServers: {
    readonly urls: string | string[];
    readonly username?: string | undefined;
    readonly credential?: string | undefined;
  }[];
  /** Seconds that the credentials live. */
  readonly ttl: number;
}

export const isServer = shape<ChatServer>({
  id: isString,
  name: isString,
  description: nullable(isString),
  owner_id: isString,
  member_count: isNumber,
  created_at: isString,
});

export const isMembers = shape<ChatMembers>({
  members: list(
    shape<ChatMember>({
      user_id: isString,
      username: isString,
      joined_at: isString,
      status: optional(literal('online', 'idle', 'dnd', 'offline')),
    }),
  ),
  more: isBoolean,
});

export const isChannel = shape<ChatChannel>({
  id: isString,
  server_id: isString,
  name: isString,
  type: literal('text', 'voice'),
  position: isNumber,
  topic: nullable(isString),
  created_at: isString,
});

export const isIceServers = shape<IceServers>({
  iceServers: list(
    shape<IceServers['iceServers'][number]>({
      urls: (value): value is string | string[] => isString(value) || list(isString)(value),
      username: optional(isString),
      credential: optional(isString),
    }),
  ),
  ttl: isNumber,
});
