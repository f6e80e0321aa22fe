import {
  newConnectionId,
  newMemberId,
  newSessionId,
  ok,
  sessions,
  type PartyMember,
  type PartySession,
  type RawEvent,
  type SessionId,
} from '@parley/contracts';
import type { Login } from '../command.js';
import type { Encoded } from '../dialect.js';
import { party } from '../party/index.js';
import { contentOf, theOne } from './fixtures.js';
import { Harness, type Happening, type HarnessOptions } from './harness.js';

export { aLogin, anEvent, MINUTE } from './fixtures.js';

export const NOW = 1_700_000_000_000;

export function aPartySession(over: Partial<PartySession> = {}): PartySession {
  return {
    id: newSessionId(),
    name: 'The Party',
    hostId: newMemberId(),
    maxMembers: 10,
    memberCount: 1,
    createdAt: '2026-02-02T16:00:00.000Z',
    ...over,
  };
}

export function aMember(over: Partial<PartyMember> = {}): PartyMember {
  return {
    id: newMemberId(),
    name: 'A Phone',
    isHost: false,
    connectionStatus: 'connected',
    joinedAt: NOW,
    ...over,
  };
}

export function aJoin(sessionId: string, over: Readonly<Record<string, unknown>> = {}): object {
  const deviceInfo = { id: 'device-456', name: 'A Phone', type: 'client' };
  return { type: 'join', timestamp: NOW, sessionId, deviceInfo, ...over };
}

/** A connection before its first frame. */
export async function aConnection(login?: Login, options: Partial<HarnessOptions> = {}): Promise<Harness> {
  const harness = new Harness(party, { connectionId: newConnectionId(), ...options });
  await harness.open(login === undefined ? undefined : ok(login));
  return harness;
}

/** How the service answers every join from now on. */
export function lets(harness: Harness, session: PartySession, me: PartyMember, position = 7): void {
  harness.answer(sessions.join, () => ok({ result: 'joined', memberId: me.id, session, members: [me], position }));
}

export interface Inside {
  readonly harness: Harness;
  readonly session: PartySession;
  readonly me: PartyMember;
}

/** A member, with an empty log. */
export async function aMemberInside(login?: Login, join: Readonly<Record<string, unknown>> = {}): Promise<Inside> {
  const harness = await aConnection(login);
  const [session, me] = [aPartySession(), aMember()];
  lets(harness, session, me);
  await harness.send(aJoin(session.id, join));
  harness.takeLog();
  return { harness, session, me };
}

export function subjectOf(sessionId: SessionId): string {
  return `evt.party.${sessionId}`;
}

export function encoded(event: RawEvent): Encoded | undefined {
  return theOne(party.encoders.get(event.kind)?.encode(event));
}

/** The frames of an event, parsed: in the document's form, and in the original app's. */
export function formsOf(event: RawEvent): { readonly flat: unknown[]; readonly nested: unknown[] } {
  const both = encoded(event);
  const parse = (frames: Encoded['frames'] = []): unknown[] =>
    frames.map((frame): unknown => JSON.parse(String(contentOf(frame))));
  return { flat: parse(both?.frames), nested: parse(both?.alternative) };
}

/** What was done, by kind; requests by their names. */
export function kinds(log: readonly Happening[]): string[] {
  return log.map((one) => (one.kind === 'call' ? one.name : one.kind));
}

export function closes(harness: Harness): readonly Happening[] {
  return harness.takeLog().filter(({ kind }) => kind === 'close');
}
