import type { CollaborativeClient, Cursor, Participant, Position, Range, Room, Selection } from '@parley/client';
import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import { useRoom } from './use-room.js';

export interface PresenceState {
  readonly cursor: {
    /** Where this user's is now; ignored until the room is joined. */
    readonly update: (position: Position) => void;
    /** By user id. */
    readonly all: ReadonlyMap<string, Cursor>;
  };
  readonly selection: {
    readonly update: (ranges: readonly Range[]) => void;
    readonly all: ReadonlyMap<string, Selection>;
  };
  /** Every connection in the room. */
  readonly participants: readonly Participant[];
}

interface Slices {
  readonly room: Room | undefined;
  readonly participants: readonly Participant[];
  readonly cursors: ReadonlyMap<string, Cursor>;
  readonly selections: ReadonlyMap<string, Selection>;
}

type Slice = Exclude<keyof Slices, 'room'>;

const NOBODY: Slices = { room: undefined, participants: [], cursors: new Map(), selections: new Map() };
const nobody = (): Slices => NOBODY;
const events = ['participants', 'cursors', 'selections'] as const satisfies readonly Slice[];

/**
 * The people at the document. What is not read does not render: a component that only tells its own cursor is not rendered
 * for the cursors of others, which may move 60 times a second each.
 */
export function usePresence(client: CollaborativeClient, roomId?: string): PresenceState {
  const room = useRoom(client, roomId);
  const read = useRef(new Set<Slice>());
  const seen = useRef(NOBODY);
  const subscribe = useCallback(
    (changed: () => void) => {
      const stops = room === undefined ? [] : events.map((event) => room.on(event, changed));
      return () => {
        for (const stop of stops) stop();
      };
    },
    [room],
  );
  const current = (): Slices => {
    const now = slicesOf(room);
    const before = seen.current;
    const same = before.room === room && [...read.current].every((slice) => before[slice] === now[slice]);
    if (!same) seen.current = now;
    return seen.current;
  };
  const slices = useSyncExternalStore(subscribe, current, nobody);
  return useMemo(() => presenceOf(slices, read.current), [slices]);
}

function slicesOf(room: Room | undefined): Slices {
  if (room === undefined) return NOBODY;
  const { participants, cursors, selections } = room;
  return { room, participants, cursors, selections };
}

function presenceOf(slices: Slices, read: Set<Slice>): PresenceState {
  const { room } = slices;
  const get = <S extends Slice>(slice: S): Slices[S] => {
    // Read for the first time, it may have changed unseen.
    const fresh = !read.has(slice);
    read.add(slice);
    return fresh ? slicesOf(room)[slice] : slices[slice];
  };
  return {
    cursor: {
      update: (position) => room?.updateCursor(position),
      get all() {
        return get('cursors');
      },
    },
    selection: {
      update: (ranges) => room?.updateSelection(ranges),
      get all() {
        return get('selections');
      },
    },
    get participants() {
      return get('participants');
    },
  };
}
