import {
  fail,
  newMemberId,
  ok,
  shardOf,
  type DeviceInfo,
  type GatewayId,
  type ConnectionId,
  type MemberId,
  type MessageId,
  type Outcome,
  type PartyMember,
  type PartySession,
  type SessionId,
  type TransportErrorCode,
  type UserId,
} from '@parley/contracts';
import { isHostToken } from './host-token.js';
import type { Latencies } from './latencies.js';
import type { LoseConnections } from './lose-connections.js';
import type { MemberRepository } from './member.repository.js';
import { verdictOn } from './place.js';
import type { Positions } from './positions.js';
import type { RemoveMember } from './remove-member.js';
import { joins } from './session.metrics.js';
import type { SessionRepository } from './session.repository.js';
import { partyMember, partySession, type Link, type Member, type Session } from './session.js';
import type { Change, SessionWriter } from './session-writer.js';
import type { StatusNews } from './status-news.js';

export interface JoinRequest {
  readonly sessionId: SessionId;
  readonly device: DeviceInfo;
  readonly hostToken?: string;
  readonly userId: UserId;
  readonly guest: boolean;
  readonly connectionId: ConnectionId;
  readonly gatewayId: GatewayId;
}

export type Joined =
  | {
      readonly result: 'joined';
      readonly memberId: MemberId;
      readonly session: PartySession;
      readonly members: PartyMember[];
      readonly position: number;
    }
  | { readonly result: 'full'; readonly maxMembers: number; readonly currentMembers: number }
  | { readonly result: 'already_joined' };

export type JoinOutcome = Outcome<Joined, 'not_found' | 'unauthenticated' | TransportErrorCode>;

/** What was decided within the transaction. */
type Decision =
  /** `event` is the one after which the newcomer hears what happens. */
  | { readonly kind: 'in'; readonly how: 'entered' | 'returned'; readonly member: Member; readonly event: MessageId }
  /** `told`: somebody's connection status has changed by it. */
  | { readonly kind: 'out'; readonly outcome: JoinOutcome; readonly told: boolean };

export interface JoinParts {
  readonly writer: SessionWriter;
  readonly sessions: SessionRepository;
  readonly members: MemberRepository;
  readonly lose: LoseConnections;
  readonly remove: RemoveMember;
  readonly news: StatusNews;
  readonly latencies: Latencies;
  readonly positions: Positions;
  readonly accountRequired: boolean;
}

export class JoinSession {
  readonly #parts: JoinParts;

  constructor(parts: JoinParts) {
    this.#parts = parts;
  }

  async run(request: JoinRequest): Promise<JoinOutcome> {
    const outcome = await this.#join(request);
    if (!outcome.ok) joins.add(1, { result: outcome.error.code });
    else if (outcome.value.result !== 'joined') joins.add(1, { result: outcome.value.result });
    return outcome;
  }

  async #join(request: JoinRequest): Promise<JoinOutcome> {
    const { accountRequired, latencies, members, news, positions, sessions, writer } = this.#parts;
    if (accountRequired && request.guest) return fail('unauthenticated', 'An account is required');
    const written = await writer.change(request.sessionId, async (change) => {
      const session = await sessions.lock(change.trx, request.sessionId);
      if (session === undefined) return out(fail('not_found', 'Session not found'));
      const decision = await this.#decide(change, session, request);
      if (decision.kind === 'out') return decision;
      // Expected before it can be published; known only after the commit.
      const position = positions.expect(decision.event);
      return { ...decision, session, members: await members.of(session.id, change.trx), position };
    });
    if (!written.ok) return written;
    const decision = written.value;
    if (decision.kind === 'out') {
      if (decision.told) news.changed(request.sessionId);
      return decision.outcome;
    }
    joins.add(1, { result: decision.how });
    if (decision.how === 'returned') news.changed(request.sessionId);
    const position = await decision.position;
    if (position === undefined) return fail('unavailable', 'The session cannot be followed now; try again.');
    return ok({
      result: 'joined',
      memberId: decision.member.id,
      session: partySession(decision.session, decision.members.length),
      members: latencies.show(decision.members),
      position,
    });
  }

  async #decide(change: Change, session: Session, request: JoinRequest): Promise<Decision> {
    const { device, hostToken = '', connectionId } = request;
    const isHost = device.type === 'host';
    if (isHost && !isHostToken(hostToken, session.hostTokenHash)) {
      return out(fail('unauthenticated', 'The host token is missing or wrong'));
    }
    const members = await this.#parts.members.of(session.id, change.trx);
    const accountId = request.guest ? null : request.userId;
    const verdict = verdictOn({ deviceId: device.id, isHost, connectionId, accountId }, members);
    switch (verdict.kind) {
      case 'foreign':
        return out(fail('unauthenticated', 'This place belongs to another account'));
      case 'already_joined':
        if (verdict.supersede !== undefined) await this.#supersede(change, verdict.supersede);
        return out(ok({ result: 'already_joined' }), verdict.supersede !== undefined);
      case 'return':
        if (verdict.instead !== undefined) await this.#parts.remove.within(change, [verdict.instead], 'left');
        return this.#return(change, verdict.member, request, accountId);
      case 'enter': {
        const taken = members.length - (verdict.instead === undefined ? 0 : 1);
        if (taken >= session.maxMembers) {
          return out(ok({ result: 'full', maxMembers: session.maxMembers, currentMembers: taken }));
        }
        if (verdict.instead !== undefined) await this.#parts.remove.within(change, [verdict.instead], 'left');
        return this.#enter(change, session, request, accountId);
      }
    }
  }

  /** The old connection is told to close, and its place waits for the next try. */
  async #supersede(change: Change, member: Member): Promise<void> {
    await this.#parts.lose.hold(change, [member]);
    if (member.link === null) return;
    change.tell(member.sessionId, { type: 'superseded', connectionId: member.link.connectionId });
  }

  async #return(change: Change, before: Member, request: JoinRequest, accountId: UserId | null): Promise<Decision> {
    const { device, connectionId } = request;
    const member: Member = {
      ...before,
      deviceId: device.id,
      name: device.name,
      accountId,
      status: 'connected',
      link: linkOf(request),
    };
    await this.#parts.members.relink(change.trx, member, change.now);
    await this.#parts.sessions.touch(change.trx, [member.sessionId], change.now, true);
    const event = change.tell(member.sessionId, { type: 'returned', connectionId });
    return { kind: 'in', how: 'returned', member, event };
  }

  async #enter(change: Change, session: Session, request: JoinRequest, accountId: UserId | null): Promise<Decision> {
    const { device, connectionId } = request;
    const isHost = device.type === 'host';
    const member: Member = {
      id: isHost ? session.hostMemberId : newMemberId(),
      sessionId: session.id,
      deviceId: device.id,
      name: device.name,
      isHost,
      joinedAt: change.now,
      accountId,
      status: 'connected',
      link: linkOf(request),
    };
    await this.#parts.members.insert(change.trx, member, shardOf(session.id));
    await this.#parts.sessions.touch(change.trx, [session.id], change.now, false);
    const event = change.tell(session.id, {
      type: 'member_joined',
      member: partyMember(member, undefined),
      connectionId,
    });
    return { kind: 'in', how: 'entered', member, event };
  }
}

function linkOf({ connectionId, gatewayId, userId }: JoinRequest): Link {
  return { connectionId, gatewayId, loginUserId: userId };
}

function out(outcome: JoinOutcome, told = false): Extract<Decision, { readonly kind: 'out' }> {
  return { kind: 'out', outcome, told };
}
