import {
  ParleyError,
  type CollaborativeClient,
  type DocumentSnapshot,
  type Operation,
  type Room,
} from '@parley/client';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useRoom } from './use-room.js';

export interface SharedDocumentState extends DocumentSnapshot {
  /** To this content, by the smallest operation that leads there. Throws a `ParleyError` before the document is here. */
  readonly update: (content: unknown) => void;
  /** By an operation of the document's type. */
  readonly edit: (operation: Operation) => void;
  /** This user's last change; false: there is none. */
  readonly undo: () => boolean;
  readonly redo: () => boolean;
}

export interface DocumentState {
  readonly document: SharedDocumentState;
  readonly version: number;
  readonly room: Room | undefined;
}

const EMPTY: DocumentSnapshot = {
  content: undefined,
  version: 0,
  pending: 0,
  canUndo: false,
  canRedo: false,
  canEdit: false,
};

const silent = (): (() => void) => () => undefined;
const empty = (): DocumentSnapshot => EMPTY;

/** The document of the room that was joined last, or of `roomId`. Renders again when something of it changes, and only then. */
export function useDocument(client: CollaborativeClient, roomId?: string): DocumentState {
  const room = useRoom(client, roomId);
  const subscribe = useCallback((changed: () => void) => room?.on('document', changed) ?? silent(), [room]);
  const current = (): DocumentSnapshot => room?.document.snapshot ?? EMPTY;
  const snapshot = useSyncExternalStore(subscribe, current, empty);
  const actions = useMemo(() => actionsOn(room), [room]);
  return useMemo(
    () => ({ document: { ...snapshot, ...actions }, version: snapshot.version, room }),
    [snapshot, actions, room],
  );
}

function actionsOn(room: Room | undefined): Omit<SharedDocumentState, keyof DocumentSnapshot> {
  const there = (): Room => {
    if (room === undefined) throw new ParleyError('offline', 'no room was joined yet');
    return room;
  };
  return {
    update: (content) => there().document.update(content),
    edit: (operation) => there().document.edit(operation),
    undo: () => there().document.undo(),
    redo: () => there().document.redo(),
  };
}
