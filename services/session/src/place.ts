import type { ConnectionId, UserId } from '@parley/contracts';
import type { Member } from './session.js';

export interface Newcomer {
  readonly deviceId: string;
  readonly isHost: boolean;
  readonly connectionId: ConnectionId;
  /** Null for guests. */
  readonly accountId: UserId | null;
}

/** What becomes of a request to join. */
export type Verdict =
  /** A place of its own, if there is one left; after a place of the same device in another role has been given up. */
  | { readonly kind: 'enter'; readonly instead: Member | undefined }
  /** The place that waits for it, or that it has already. */
  | { readonly kind: 'return'; readonly member: Member; readonly instead: Member | undefined }
  /** It is there already, on another connection, which makes way when it is the newcomer's own. */
  | { readonly kind: 'already_joined'; readonly supersede: Member | undefined }
  /** The place belongs to another account. */
  | { readonly kind: 'foreign' };

/**
 * Whose place a newcomer's is. The host is known by its token, whatever device it comes from; everybody else by their
 * device. A host's place is never given, nor taken, for the device's id alone.
 */
export function verdictOn(newcomer: Newcomer, members: readonly Member[]): Verdict {
  const ofDevice = members.find(({ deviceId }) => deviceId === newcomer.deviceId);
  if (!newcomer.isHost) return clientVerdict(newcomer, ofDevice);
  const host = members.find(({ isHost }) => isHost);
  if (host !== undefined && isElsewhere(host, newcomer)) return { kind: 'already_joined', supersede: host };
  const guest = ofDevice?.isHost === false ? ofDevice : undefined;
  if (guest !== undefined && guest.link !== null) return { kind: 'already_joined', supersede: guest };
  return host === undefined ? { kind: 'enter', instead: guest } : { kind: 'return', member: host, instead: guest };
}

function clientVerdict(newcomer: Newcomer, member: Member | undefined): Verdict {
  if (member === undefined) return { kind: 'enter', instead: undefined };
  if (member.isHost) return { kind: 'already_joined', supersede: undefined };
  if (member.accountId !== null && member.accountId !== newcomer.accountId) return { kind: 'foreign' };
  if (isElsewhere(member, newcomer)) return { kind: 'already_joined', supersede: member };
  return { kind: 'return', member, instead: undefined };
}

function isElsewhere({ link }: Member, { connectionId }: Newcomer): boolean {
  return link !== null && link.connectionId !== connectionId;
}
