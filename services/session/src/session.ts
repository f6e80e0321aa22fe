import type {
  ConnectionId,
  ConnectionStatus,
  GatewayId,
  MemberId,
  PartyMember,
  PartySession,
  SessionId,
  UserId,
} from '@parley/contracts';

/** A party as it is stored. Times are ms since 1970. */
export interface Session {
  readonly id: SessionId;
  readonly name: string;
  readonly maxMembers: number;
  readonly hostTokenHash: Buffer;
  readonly hostMemberId: MemberId;
  /** The account that made it; null when none did. */
  readonly userId: UserId | null;
  readonly createdAt: number;
}

/** A connection that a member came by. */
export interface Link {
  readonly connectionId: ConnectionId;
  readonly gatewayId: GatewayId;
  /** Whom it is logged in as: a user, or an id of its own. */
  readonly loginUserId: UserId;
}

/** A place in a party. */
export interface Member {
  readonly id: MemberId;
  readonly sessionId: SessionId;
  readonly deviceId: string;
  readonly name: string;
  readonly isHost: boolean;
  readonly joinedAt: number;
  /** Whose place it is; null for guests. */
  readonly accountId: UserId | null;
  readonly status: ConnectionStatus;
  /** Null while the place is held for a member whose connection is gone. */
  readonly link: Link | null;
}

export function partySession(session: Session, memberCount: number): PartySession {
  return {
    id: session.id,
    name: session.name,
    hostId: session.hostMemberId,
    maxMembers: session.maxMembers,
    memberCount,
    createdAt: new Date(session.createdAt).toISOString(),
  };
}

export function partyMember(member: Member, latency: number | undefined): PartyMember {
  return {
    id: member.id,
    name: member.name,
    isHost: member.isHost,
    connectionStatus: member.status,
    joinedAt: member.joinedAt,
    ...(latency === undefined ? {} : { latency }),
  };
}
