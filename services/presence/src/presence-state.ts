import { isDeepStrictEqual } from 'node:util';
import type { Presence, Status, UserId } from '@parley/contracts';

/**
 * What is known of one user. How many connections they have is asked of the connections themselves. Each change below
 * returns the same object when it changes nothing.
 */
export interface PresenceState {
  readonly userId: UserId;
  /** What they chose; outlives their connections. `offline` means invisible. */
  readonly chosen: Status;
  readonly metadata: Presence['metadata'];
  /** What others see now, and were told. */
  readonly visible: Status;
  /** Set while their last connection is gone and nobody has been told yet: when to tell (ms since 1970). */
  readonly graceUntil: number | undefined;
  /** The last moment at which others could see them (ms since 1970), once it is over; 0 when there was none. */
  readonly lastSeen: number;
}

/** One who was never here. */
export function unknownUser(userId: UserId): PresenceState {
  return { userId, chosen: 'online', metadata: {}, visible: 'offline', graceUntil: undefined, lastSeen: 0 };
}

/** A connection opened. Within the grace this takes back a leaving that nobody was told of. */
export function connected(state: PresenceState): PresenceState {
  if (state.visible === state.chosen && state.graceUntil === undefined) return state;
  return { ...state, visible: state.chosen, graceUntil: undefined };
}

/** The last connection closed. */
export function disconnected(state: PresenceState, now: number, graceMs: number): PresenceState {
  if (state.visible === 'offline') return state;
  return graceEnded({ ...state, graceUntil: now + graceMs, lastSeen: now }, now);
}

/** Time passed. `lastSeen` stays at the end of the last connection. */
export function graceEnded(state: PresenceState, now: number): PresenceState {
  if (state.graceUntil === undefined || state.graceUntil > now) return state;
  return { ...state, visible: 'offline', graceUntil: undefined };
}

export interface StatusChoice {
  readonly status: Status;
  /** Kept as it was when not given. */
  readonly metadata?: Presence['metadata'];
}

/** A status was chosen, with connections or without. */
export function statusChosen(
  state: PresenceState,
  { status, metadata = state.metadata }: StatusChoice,
  hasConnections: boolean,
  now: number,
): PresenceState {
  const here = hasConnections || state.graceUntil !== undefined;
  const visible = here ? status : 'offline';
  const chosen = { ...state, chosen: status, metadata, visible };
  // Going invisible is the last that others see. While invisible nothing moves `lastSeen`, which would give them away.
  if (visible !== 'offline' || state.visible === 'offline') return chosen;
  return { ...chosen, graceUntil: undefined, lastSeen: now };
}

/** What others see at `now`. The offline and the invisible look alike: neither shows metadata. */
export function shown(state: PresenceState, now: number): Presence {
  const { userId, visible: status, metadata, lastSeen } = state;
  if (status === 'offline') return { userId, status, lastSeen, metadata: {} };
  return { userId, status, lastSeen: now, metadata };
}

/** Is there something to announce? A moved `lastSeen` alone is not worth an event. */
export function looksDifferent(before: PresenceState, after: PresenceState): boolean {
  if (before.visible !== after.visible) return true;
  return after.visible !== 'offline' && !isDeepStrictEqual(before.metadata, after.metadata);
}
