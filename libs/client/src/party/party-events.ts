import type { ConnectionStatus } from '../transport/connection-status.js';
import type { ParleyError } from '../transport/parley-error.js';
import type { LeaveReason, PartyInfo, PartyMember } from './party-messages.js';

export interface PartyEvents {
  status: readonly [status: ConnectionStatus];
  /** After every connect. `memberId` is another one than before when the old place was given up. */
  joined: readonly [memberId: string, session: PartyInfo];
  /** Everybody who is in it, whenever something about them has changed. */
  members: readonly [members: readonly PartyMember[]];
  memberJoined: readonly [member: PartyMember];
  /** `reason` is unknown of those who left while this client was away. */
  memberLeft: readonly [member: PartyMember, reason: LeaveReason | undefined];
  /** Somebody's `connectionStatus` is another one. */
  memberStatus: readonly [member: PartyMember];
  /** Round trip to the server and back, ms. */
  latency: readonly [milliseconds: number];
  /** The host has removed this member: `status` is `ended`. */
  kicked: readonly [reason: string];
  /** The party is over: `status` is `ended`. */
  closed: readonly [reason: string | undefined];
  /** What no promise tells of. */
  error: readonly [error: ParleyError];
}
