import { createHash, randomUUID } from 'node:crypto';
import type { User } from '../accounts.js';
import type { Client, TextFrame } from '../client.js';
import type { Context, OpenOptions } from '../context.js';
import { ScenarioFailure } from '../failure.js';
import { aString, at, aTime, aUuid, isRecord, type Pattern } from '../match.js';

/** What the document allows everyone. */
export const CONNECTIONS_PER_USER = 5;
export const ROOMS_PER_USER = 10;
export const OPERATIONS_PER_SECOND = 30;
export const CURSORS_PER_SECOND = 60;

/** A connection of a user, `connected` taken. */
export interface Member {
  readonly client: Client;
  readonly user: User;
  readonly connectionId: string;
}

export const connected: Pattern = fromServer('connected', {
  connectionId: aUuid,
  userId: aString,
  serverTime: aTime,
  protocol: 1,
});

/** With what every message of the server has. */
export function fromServer(type: string, payload: Pattern, more: Readonly<Record<string, Pattern>> = {}): Pattern {
  return { id: aUuid, type, version: 1, timestamp: aTime, payload, ...more };
}

/** With what every message of a client has. */
export function message(type: string, payload: unknown, more: object = {}) {
  return { id: randomUUID(), type, version: 1, timestamp: Date.now(), payload, ...more };
}

export function connectWith(user: Pick<User, 'token'>, more: object = {}) {
  return message('connect', { token: user.token, deviceId: 'conformance', clientVersion: '1.0.0', ...more });
}

export function ack(messageId: string, more: Readonly<Record<string, Pattern>> = {}): Pattern {
  return fromServer('ack', { messageId, ...more });
}

const RECOVERABLE = new Set([1002, 1003, 2002, 3002, 3003, 5001, 5002]);

export function error(code: number, details: Readonly<Record<string, Pattern>> = {}): Pattern {
  return fromServer('error', { code, message: aString, details, recoverable: RECOVERABLE.has(code) });
}

export async function enter(context: Context, user: User, options: OpenOptions = {}): Promise<Member> {
  const client = await context.open(user, options);
  const frame = await client.expect(connected);
  return { client, user, connectionId: stringAt(frame, 'payload.connectionId') };
}

export interface Document {
  readonly type: 'json' | 'text' | 'rich-text';
  readonly content: unknown;
}

/** A new document, and its room. Others in it have this role. */
export async function makeRoom(
  context: Context,
  owner: User,
  { type = 'text', content = 'hello' }: Partial<Document> = {},
  members: readonly (readonly [User, 'owner' | 'editor' | 'viewer'])[] = [],
): Promise<string> {
  const body = { type, content, public: false };
  const room = await context.rest.expect('POST', '/rooms', 201, { bearer: owner.token, body });
  const id = at(room, 'id');
  if (typeof id !== 'string') throw new ScenarioFailure('POST /rooms returned no id', JSON.stringify(room));
  for (const [user, role] of members) await setRole(context, owner, id, user, role);
  return id;
}

export async function setRole(context: Context, owner: User, roomId: string, user: User, role: string): Promise<void> {
  await context.rest.succeed('PUT', `/rooms/${roomId}/members/${user.id}`, { bearer: owner.token, body: { role } });
}

/** `room_joined`, taken. */
export async function join({ client }: Member, roomId: string, more: object = {}): Promise<TextFrame> {
  const asked = message('join_room', { roomId, ...more });
  client.send(asked);
  const frame = await client.eventually(
    (value) => isAbout(value, 'room_joined', roomId) || at(value, 'payload.details.messageId') === asked.id,
  );
  if (at(frame.json, 'type') === 'error') throw new ScenarioFailure('was not let into the room', frame.text);
  return frame;
}

/** Two users in one room, the owner on the first gateway and an editor on the second. */
export async function together(context: Context, document: Partial<Document> = {}) {
  const [owner, other] = await context.users(2);
  const roomId = await makeRoom(context, owner, document, [[other, 'editor']]);
  const one = await enter(context, owner);
  await join(one, roomId);
  const two = await enter(context, other, { gateway: 2 });
  await join(two, roomId);
  await one.client.eventually(presence(other, { status: 'online' }));
  return { roomId, one, two };
}

export function presence(user: Pick<User, 'id'>, changed: Pattern): Pattern {
  return fromServer('presence_update', { userId: user.id, presence: changed, timestamp: aTime });
}

export function operation(payload: object, more: object = {}) {
  return message('operation', payload, more);
}

/** Its version, once it is acknowledged. */
export async function apply({ client }: Member, asked: ReturnType<typeof operation>): Promise<number> {
  client.send(asked);
  return acknowledged(client, asked.id);
}

export async function acknowledged(client: Client, messageId: string): Promise<number> {
  const frame = await client.eventually(
    (value) =>
      at(value, 'payload.messageId') === messageId ||
      (at(value, 'type') === 'error' && at(value, 'payload.details.messageId') === messageId),
  );
  if (at(frame.json, 'type') === 'error') throw new ScenarioFailure('the operation was refused', frame.text);
  return numberAt(frame, 'payload.version');
}

export function broadcastOf(applied: unknown, more: Readonly<Record<string, Pattern>> = {}): Pattern {
  const same = (value: unknown): boolean => canonical(value) === canonical(applied);
  return fromServer('operation_broadcast', { operation: same, ...more });
}

/** The document as REST has it now. */
export async function documentOf(context: Context, user: User, roomId: string): Promise<unknown> {
  return context.rest.expect('GET', `/rooms/${roomId}`, 200, { bearer: user.token });
}

/** Everything that the server had to say to this connection by now: what came before the answer to a ping. */
export async function soFar({ client }: Member): Promise<readonly TextFrame[]> {
  const timestamp = Date.now() + Math.floor(Math.random() * 1_000_000);
  client.send(message('ping', { timestamp }));
  const frames = await client.collectUntil(fromServer('pong', { timestamp, serverTime: aTime }));
  return frames.slice(0, -1);
}

export async function expectNothing(member: Member, what: string): Promise<void> {
  const [stray] = await soFar(member);
  check(stray === undefined, what, stray);
}

export async function ask({ client }: Member, asked: object, answer: Pattern): Promise<TextFrame> {
  client.send(asked);
  return client.expect(answer);
}

export function isAbout(value: unknown, type: string, roomId: string): boolean {
  return at(value, 'type') === type && at(value, 'roomId') === roomId;
}

export function stringAt(frame: TextFrame, path: string): string {
  const value = at(frame.json, path);
  if (typeof value !== 'string') throw new ScenarioFailure(`${path} is not a string`, frame.text);
  return value;
}

export function numberAt(frame: TextFrame, path: string): number {
  const value = at(frame.json, path);
  if (typeof value !== 'number') throw new ScenarioFailure(`${path} is not a number`, frame.text);
  return value;
}

export function check(holds: boolean, what: string, frame?: TextFrame): void {
  if (!holds) throw new ScenarioFailure(what, frame?.text);
}

/** SHA-256 over the canonical JSON, as the server counts it. */
export function checksumOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** RFC 8785, for the values that scenarios use: members sorted, everything else as JavaScript writes it. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}
