import type { RoomStatus } from '@parley/client';

/** What a reconnect brought in both directions. */
export interface Resumed {
  /** Operations of others that were missed. */
  readonly others: number;
  /** Changes of this user that waited. */
  readonly mine: number;
}

/** How a document stands to the server's. */
export interface SyncState {
  readonly phase: 'opening' | 'saved' | 'saving' | 'offline' | 'resuming' | 'left';
  readonly version: number;
  /** Operations that are not acknowledged; what is typed while one is under way is joined in another. */
  readonly pending: number;
  /** Changes of this user that wait for the connection, counted as they were made. */
  readonly waiting: number;
  /** Of the resume under way. */
  readonly missed: number;
  readonly resumed: Resumed | undefined;
}

export type SyncEvent =
  | { readonly kind: 'status'; readonly status: RoomStatus }
  | { readonly kind: 'document'; readonly version: number; readonly pending: number }
  /** By this user, here. */
  | { readonly kind: 'edit' }
  | { readonly kind: 'read' };

export const OPENING: SyncState = {
  phase: 'opening',
  version: 0,
  pending: 0,
  waiting: 0,
  missed: 0,
  resumed: undefined,
};

export function nextSync(state: SyncState, event: SyncEvent): SyncState {
  switch (event.kind) {
    case 'status':
      return withStatus(state, event.status);
    case 'document':
      return withDocument(state, event.version, event.pending);
    case 'edit':
      return isAway(state) ? { ...state, waiting: state.waiting + 1 } : state;
    case 'read':
      return { ...state, resumed: undefined };
  }
}

function withStatus(state: SyncState, status: RoomStatus): SyncState {
  switch (status) {
    case 'offline':
      if (isAway(state)) return { ...state, phase: 'offline' };
      return { ...state, phase: 'offline', waiting: state.pending, missed: 0, resumed: undefined };
    case 'joining':
      return state.phase === 'opening'
        ? state
        : { ...state, phase: 'resuming', waiting: isAway(state) ? state.waiting : state.pending };
    case 'joined':
      return isAway(state) ? arrived({ ...state, phase: 'saving' }) : settled(state);
    case 'left':
      return { ...state, phase: 'left' };
  }
}

function withDocument(state: SyncState, version: number, pending: number): SyncState {
  if (state.phase === 'resuming') {
    // Own operations that had arrived before the connection broke count among the versions too.
    const own = Math.max(0, state.pending - pending);
    return { ...state, version, pending, missed: state.missed + Math.max(0, version - state.version - own) };
  }
  return settled({ ...state, version, pending });
}

/** The missed is in; what waited is on its way. */
function arrived(state: SyncState): SyncState {
  return { ...settled(state), waiting: 0, missed: 0, resumed: { others: state.missed, mine: state.waiting } };
}

function settled(state: SyncState): SyncState {
  if (state.phase === 'offline' || state.phase === 'left') return state;
  return { ...state, phase: state.pending === 0 ? 'saved' : 'saving' };
}

function isAway({ phase }: SyncState): boolean {
  return phase === 'offline' || phase === 'resuming';
}

/** In one line. */
export function syncText({ phase, pending, waiting }: SyncState): string {
  switch (phase) {
    case 'opening':
      return 'opening';
    case 'offline':
      return waiting === 0 ? 'offline' : `offline, ${counted(waiting, 'change')} waiting`;
    case 'resuming':
      return 'back again, fetching what was missed';
    case 'left':
      return 'closed';
    case 'saving':
      return `sending ${counted(pending, 'operation')}`;
    case 'saved':
      return 'all changes saved';
  }
}

export function resumedText({ others, mine }: Resumed): string {
  if (others === 0 && mine === 0) return 'resumed: nothing was missed';
  return `resumed: ${counted(others, 'operation')} from others, ${String(mine)} of mine sent`;
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}
