import type { Message, Peer } from './scripted-server.js';

export const alice = person('alice', 1, 'owner');
export const bob = person('bob', 2, 'editor');

export function person(name: string, numericId: number, role: 'owner' | 'editor' | 'viewer') {
  return { userId: `u-${name}`, numericId, name, color: '#112233', role, connectionId: `c-${name}` };
}

let count = 0;

export function envelope(type: string, payload: unknown, roomId?: string, id = `s-${String(++count)}`) {
  return { id, type, version: 1, timestamp: 0, payload, ...(roomId === undefined ? {} : { roomId }) };
}

/** Answers `connect`; what it asked for is returned. */
export async function welcome(peer: Peer, me = alice, connectionId = me.connectionId): Promise<Message> {
  const connect = await peer.hear('connect');
  peer.say(envelope('connected', { connectionId, userId: me.userId, serverTime: 0, protocol: 1 }));
  return payloadOf(connect);
}

export interface State {
  readonly version: number;
  readonly content?: unknown;
  readonly operations?: readonly unknown[];
  readonly participants?: readonly unknown[];
  readonly type?: string;
}

export function roomJoined(
  roomId: string,
  { version, content, operations, participants = [alice, bob], type = 'text' }: State,
) {
  const documentState = { type, checksum: '0'.repeat(64), ...(content === undefined ? {} : { content }) };
  const recovered = operations !== undefined;
  const missed = recovered ? { operations } : {};
  return envelope('room_joined', { roomId, participants, documentState, version, recovered, ...missed }, roomId);
}

/** Answers `join_room`; what it asked for is returned. */
export async function letIn(peer: Peer, state: State, roomId = 'doc'): Promise<Message> {
  const join = await peer.hear('join_room');
  peer.say(roomJoined(roomId, state));
  return payloadOf(join);
}

export function broadcast(roomId: string, id: string, operation: unknown, became: number) {
  const payload = { operation, userId: bob.userId, version: became - 1, transformedVersion: became };
  return envelope('operation_broadcast', payload, roomId, id);
}

export function refusal(code: number, recoverable: boolean, details: object, roomId?: string) {
  return envelope('error', { code, message: `refused with ${String(code)}`, details, recoverable }, roomId);
}

export function payloadOf(message: Message): Message {
  const { payload } = message;
  if (!isMessage(payload)) throw new Error('no payload');
  return payload;
}

export function idOf(message: Message): string {
  const { id } = message;
  if (typeof id !== 'string') throw new Error('no id');
  return id;
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null;
}
