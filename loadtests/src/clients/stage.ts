import { registerUsers, type User } from '../lib/accounts.js';
import { turn, type Dialect } from '../lib/settings.js';
import type { Role } from '../lib/returning.js';
import { ChatMember, joinServer, makeServer } from './chat.js';
import { CollabWriter, makeRoom } from './collab.js';
import { makeParty, PartyMember, type Party } from './party.js';
import { TopicsMember } from './topics.js';
import { WatchViewer } from './watch.js';

/** What setup has made, for all. */
export interface Stage {
  readonly topic: string;
  readonly serverId: string;
  readonly channelId: string;
  readonly rooms: readonly string[];
  readonly parties: readonly Party[];
}

const WRITERS_PER_ROOM = 20;
const PLACES = 10;

/** Who is who: the client `index` of all is the `place`th of its dialect. */
export interface Part {
  readonly dialect: Dialect;
  readonly place: number;
}

export function partOf(dialects: readonly Dialect[], index: number): Part {
  return { dialect: turn(dialects, index), place: Math.floor(index / dialects.length) };
}

/** How many of so many clients speak it. */
export function countOf(dialects: readonly Dialect[], dialect: Dialect, clients: number): number {
  const at = dialects.indexOf(dialect);
  return at < 0 ? 0 : Math.ceil((clients - at) / dialects.length);
}

/** Accounts for so many clients, and what their dialects need. */
export function prepare(dialects: readonly Dialect[], clients: number): Stage {
  const users = registerUsers(Math.max(clients, 1));
  const owner = turn(users, 0);
  const server = dialects.includes('chat') ? makeServer(owner) : { serverId: '', channelId: '' };
  const writers = countOf(dialects, 'collab', clients);
  const guests = countOf(dialects, 'party', clients);
  return {
    topic: `load.t${Date.now()}`,
    ...server,
    rooms: Array.from({ length: Math.ceil(writers / WRITERS_PER_ROOM) }, (_, at) => makeRoom(turn(users, at))),
    // An account may have so many parties, and no more.
    parties: Array.from({ length: Math.ceil(guests / PLACES) }, (_, at) => makeParty(turn(users, at).token, PLACES)),
  };
}

export function roomOf(stage: Stage, place: number): string {
  return turn(stage.rooms, place);
}

export function partyOf(stage: Stage, place: number): Party {
  return turn(stage.parties, place);
}

/** A client that does nothing but be there. */
export async function roleOf({ dialect, place }: Part, user: User, stage: Stage): Promise<Role> {
  switch (dialect) {
    case 'topics':
      return new TopicsMember(user, stage.topic);
    case 'chat':
      await joinServer(user, stage.serverId);
      return new ChatMember(user, stage.channelId);
    case 'collab':
      return new CollabWriter(user, roomOf(stage, place));
    case 'party':
      return new PartyMember(partyOf(stage, place), `device-${place}`);
    case 'watch':
      return new WatchViewer(user);
  }
}
