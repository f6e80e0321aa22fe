import { lazy, type ComponentType } from 'react';
import type { RoomProps } from '../rooms/room.js';
import type { IconName } from '../ui/icon.js';
import type { WireDialect } from '../wire/wire-frame.js';

export interface Place {
  /** Of the address: `#/chat`. */
  readonly path: string;
  readonly title: string;
  /** What is done there, in a few words. */
  readonly about: string;
  readonly icon: IconName;
  readonly dialect: WireDialect | undefined;
  readonly Room: ComponentType<RoomProps>;
  /** Fetches the room's code, which is kept. */
  readonly load: () => Promise<unknown>;
}

type Loader = () => Promise<{ readonly default: ComponentType<RoomProps> }>;

function place(facts: Omit<Place, 'Room' | 'load'>, load: Loader): Place {
  return { ...facts, load, Room: lazy(load) };
}

/** Every room is loaded when it is entered. */
export const places: readonly Place[] = [
  place(
    { path: 'chat', title: 'Chat', about: 'Servers, channels, calls', icon: 'chat', dialect: 'chat' },
    async () => ({ default: (await import('../rooms/chat/chat-room.js')).ChatRoom }),
  ),
  place(
    { path: 'topics', title: 'Topics', about: 'Publish and subscribe', icon: 'topics', dialect: 'topics' },
    async () => ({ default: (await import('../rooms/topics/topics-room.js')).TopicsRoom }),
  ),
  place(
    { path: 'document', title: 'Document', about: 'Edited by many at once', icon: 'document', dialect: 'collab' },
    async () => ({ default: (await import('../rooms/document/document-room.js')).DocumentRoom }),
  ),
  place(
    { path: 'watch', title: 'Watch', about: 'A camera, and viewers', icon: 'watch', dialect: 'watch' },
    async () => ({ default: (await import('../rooms/watch/watch-room.js')).WatchRoom }),
  ),
  place({ path: 'party', title: 'Party', about: 'A host and members', icon: 'party', dialect: 'party' }, async () => ({
    default: (await import('../rooms/party/party-room.js')).PartyRoom,
  })),
  place(
    { path: 'operator', title: 'Operator', about: 'Connections and rates', icon: 'operator', dialect: undefined },
    async () => ({ default: (await import('../operator/operator-room.js')).OperatorRoom }),
  ),
];

const QUIET_MS = 3_000;

/** Once the first room has settled, the others are fetched too: then they open also when this gateway is gone. */
export function fetchOthers(): () => void {
  let stopped = false;
  const timer = setTimeout(() => {
    void (async () => {
      for (const { load } of places) {
        if (stopped) return;
        // What cannot be had now is asked for again when the room is entered.
        await load().catch(() => undefined);
      }
    })();
  }, QUIET_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
