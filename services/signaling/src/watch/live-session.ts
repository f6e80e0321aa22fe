import {
  fail,
  type ConnectionId,
  type DeviceId,
  type Outcome,
  type Party,
  type SignalType,
  type UserId,
  type WatchSessionId,
} from '@parley/contracts';
import type { Link } from './device.js';
import type { Role } from './watch.tables.js';

/** A session that has not ended, and by which connections its parties are reached. Times are ms since 1970. */
export interface LiveSession {
  readonly id: WatchSessionId;
  readonly deviceId: DeviceId;
  readonly userId: UserId;
  /** Null: lost, for now. */
  readonly device: Link | null;
  readonly viewer: Link | null;
  readonly startedAt: number;
  readonly offeredAt: number | null;
  readonly answeredAt: number | null;
}

/** Who sends what, over which connection. */
export interface Signalling {
  readonly from: Party;
  readonly connectionId: ConnectionId;
  readonly type: SignalType;
}

export interface Passage {
  readonly to: Role;
  /** Null: the receiver is lost, for now. */
  readonly target: Link | null;
  /** The first offer or answer of the session. */
  readonly isFirst: boolean;
  /** A candidate whose offer or answer has not passed yet. */
  readonly isEarly: boolean;
  /** Comes over another connection of the viewer than the session's. */
  readonly moves: boolean;
}

/** Whether a signal may pass, and what it needs for that. Only the two parties may signal, each its own kinds. */
export function passageOf(
  session: LiveSession | undefined,
  { from, connectionId, type }: Signalling,
): Outcome<Passage, 'not_found' | 'forbidden' | 'invalid'> {
  if (session === undefined) return fail('not_found', 'Session not found');
  if (!isParty(session, from, connectionId)) return fail('forbidden', 'Unauthorized');
  const isDevice = from.role === 'device';
  if (type === (isDevice ? 'offer' : 'answer')) return fail('invalid', `A ${from.role} sends no ${type}.`);
  if (type === 'answer' && session.offeredAt === null) return fail('invalid', 'There is no offer to answer.');
  const described = (isDevice ? session.answeredAt : session.offeredAt) !== null;
  return {
    ok: true,
    value: {
      to: isDevice ? 'viewer' : 'device',
      target: isDevice ? session.viewer : session.device,
      isFirst: type !== 'ice' && !described,
      isEarly: type === 'ice' && !described,
      moves: !isDevice && session.viewer?.connectionId !== connectionId,
    },
  };
}

/** The viewer is whoever is logged in as it; the device is the one connection that stands for it. */
function isParty(session: LiveSession, from: Party, connectionId: ConnectionId): boolean {
  if (from.role === 'viewer') return session.userId === from.userId;
  return session.deviceId === from.deviceId && session.device?.connectionId === connectionId;
}
