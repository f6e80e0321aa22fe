import {
  compile,
  newConnectionId,
  newUserId,
  ok,
  RoomId,
  rooms,
  type ConnectionId,
  type Participant,
  type RawEvent,
} from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { collab } from '../collab/index.js';
import type { Login } from '../command.js';
import type { Encoded } from '../dialect.js';
import { aLogin } from './fixtures.js';
import { Harness, type HarnessOptions } from './harness.js';

export { aLogin, anEvent, contentOf, MINUTE } from './fixtures.js';

type JoinReply = Static<typeof rooms.join.reply>;

const roomIdCheck = compile(RoomId);
export const CHECKSUM = 'a'.repeat(64);

export function aRoomId(id = 'notes'): RoomId {
  if (!roomIdCheck.is(id)) throw new Error('not a room id');
  return id;
}

/** The base of a client's message. */
export function message(type: string, payload: unknown, over: object = {}) {
  return { id: crypto.randomUUID(), type, version: 1, timestamp: 1_700_000_000_000, payload, ...over };
}

export function operationOf(operation: unknown, version = 1, over: object = {}) {
  return message('operation', { operation, version }, over);
}

export function aParticipant(over: Partial<Participant> = {}): Participant {
  return {
    userId: newUserId(),
    numericId: 7,
    name: 'ada',
    color: '#aa3366',
    role: 'editor',
    connectionId: newConnectionId(),
    ...over,
  };
}

export function aJoinReply(over: Partial<JoinReply> = {}): JoinReply {
  const participant = over.participant ?? aParticipant();
  return {
    type: 'text',
    version: 5,
    checksum: CHECKSUM,
    state: { kind: 'content', content: { kind: 'whole', text: '"hello"' } },
    participant,
    participants: [participant],
    position: 40,
    ...over,
  };
}

/** A session of `collab` before its first frame; every room may be joined. */
export function aSession(options: Partial<HarnessOptions> = {}): Harness {
  const harness = new Harness(collab, { connectionId: newConnectionId(), ...options });
  harness.answer(rooms.join, ({ userId, connectionId }) =>
    ok(aJoinReply({ participant: aParticipant({ userId, connectionId }) })),
  );
  harness.answer(rooms.leave, () => ok({}));
  return harness;
}

/** The same after `connected`, with an empty log. */
export async function aConnection(login: Login = aLogin(), options: Partial<HarnessOptions> = {}): Promise<Harness> {
  const harness = aSession(options);
  await harness.open(ok(login));
  harness.takeLog();
  return harness;
}

export interface Member {
  readonly harness: Harness;
  readonly login: Login;
  readonly connectionId: ConnectionId;
}

/** The same in the rooms of these names, in this order. */
export async function aMember(names = ['notes'], options: Partial<HarnessOptions> = {}): Promise<Member> {
  const login = aLogin();
  const connectionId = newConnectionId();
  const harness = await aConnection(login, { connectionId, ...options });
  for (const roomId of names) await harness.send(message('join_room', { roomId }));
  harness.takeLog();
  return { harness, login, connectionId };
}

export function encodedList(event: RawEvent): readonly Encoded[] {
  const encoded = collab.encoders.get(event.kind)?.encode(event) ?? [];
  return 'frames' in encoded ? [encoded] : encoded;
}
