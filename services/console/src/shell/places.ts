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
}

/** Every room is loaded when it is entered. */
export const places: readonly Place[] = [
  {
    path: 'chat',
    title: 'Chat',
    about: 'Servers, channels, calls',
    icon: 'chat',
    dialect: 'chat',
    Room: lazy(async () => ({ default: (await import('../rooms/chat/chat-room.js')).ChatRoom })),
  },
  {
    path: 'topics',
    title: 'Topics',
    about: 'Publish and subscribe',
    icon: 'topics',
    dialect: 'topics',
    Room: lazy(async () => ({ default: (await import('../rooms/topics/topics-room.js')).TopicsRoom })),
  },
  {
    path: 'document',
    title: 'Document',
    about: 'Edited by many at once',
    icon: 'document',
    dialect: 'collab',
    Room: lazy(async () => ({ default: (await import('../rooms/document/document-room.js')).DocumentRoom })),
  },
  {
    path: 'watch',
    title: 'Watch',
    about: 'A camera, and viewers',
    icon: 'watch',
    dialect: 'watch',
    Room: lazy(async () => ({ default: (await import('../rooms/watch/watch-room.js')).WatchRoom })),
  },
  {
    path: 'party',
    title: 'Party',
    about: 'A host and members',
    icon: 'party',
    dialect: 'party',
    Room: lazy(async () => ({ default: (await import('../rooms/party/party-room.js')).PartyRoom })),
  },
  {
    path: 'operator',
    title: 'Operator',
    about: 'Connections and rates',
    icon: 'operator',
    dialect: undefined,
    Room: lazy(async () => ({ default: (await import('../operator/operator-room.js')).OperatorRoom })),
  },
];
