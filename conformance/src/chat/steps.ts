import type { User } from '../accounts.js';
import type { Client, TextFrame } from '../client.js';
import type { Context, OpenOptions } from '../context.js';
import { ScenarioFailure } from '../failure.js';
import { aString, at, isRecord, type Pattern } from '../match.js';

/** A connection of a user, READY taken. */
export interface Member {
  readonly client: Client;
  readonly user: User;
  readonly ready: TextFrame;
}

export interface Place {
  readonly id: string;
  readonly text: string;
  readonly voice: string;
}

export const statusOf = (user: User, status: string): Pattern => event('PRESENCE_UPDATE', { user_id: user.id, status });

export function event(t: string, d: Pattern): Pattern {
  return { op: 'DISPATCH', t, d };
}

export function refusal(code: string, op: string): Pattern {
  return event('ERROR', { code, message: aString, op });
}

export async function enter(context: Context, user: User, options: OpenOptions = {}): Promise<Member> {
  const client = await context.open(user, options);
  const ready = await client.expect({ op: 'DISPATCH', t: 'READY' });
  return { client, user, ready };
}

/** So many users without a past: nobody shares a server with them yet. */
export async function strangers(context: Context, count: number): Promise<readonly [User, User, User]> {
  const users: User[] = [];
  while (users.length < count) users.push(await context.user({ fresh: true }));
  const [one, two = one, three = two] = users;
  if (one === undefined || two === undefined || three === undefined) throw new Error('at least one user');
  return [one, two, three];
}

/** A call of REST on behalf of a user; the id of what came back, for those that have one. */
export async function ask(
  context: Context,
  user: User,
  call: readonly [method: string, path: string, status: number],
  body?: unknown,
): Promise<unknown> {
  const [method, path, status] = call;
  return context.rest.expect(method, path, status, {
    bearer: user.token,
    ...(body === undefined ? {} : { body }),
  });
}

/** A server with a text and a voice channel; the first user owns it, the others have joined. */
export async function settle(context: Context, owner: User, ...others: readonly User[]): Promise<Place> {
  const id = idOf(await ask(context, owner, ['POST', '/servers', 201], { name: 'A server' }));
  const channel = async (name: string, type: string): Promise<string> =>
    idOf(await ask(context, owner, ['POST', `/servers/${id}/channels`, 201], { name, type }));
  const place = { id, text: await channel('general', 'text'), voice: await channel('talk', 'voice') };
  for (const user of others) await join(context, user, id);
  return place;
}

export async function join(context: Context, user: User, serverId: string): Promise<void> {
  await ask(context, user, ['POST', `/servers/${serverId}/join`, 201]);
}

export async function post(context: Context, user: User, channelId: string, content: string): Promise<string> {
  return idOf(await ask(context, user, ['POST', `/channels/${channelId}/messages`, 201], { content }));
}

export async function joinVoice(context: Context, user: User, channelId: string, settings: object = {}): Promise<void> {
  await ask(context, user, ['POST', `/channels/${channelId}/voice`, 201], settings);
}

/** Waits until the message has come, and returns what came before it. */
export async function untilPosted(
  context: Context,
  by: User,
  place: Place,
  reader: Member,
): Promise<readonly TextFrame[]> {
  const id = await post(context, by, place.text, 'a mark');
  const frames = await reader.client.collectUntil(event('MESSAGE_CREATE', { id }));
  return frames.slice(0, -1);
}

/** What came to this connection before the answer to a heartbeat. */
export async function soFar({ client }: Member): Promise<readonly TextFrame[]> {
  client.send({ op: 'HEARTBEAT' });
  const frames = await client.collectUntil({ op: 'HEARTBEAT_ACK' });
  return frames.slice(0, -1);
}

export function signalTo(to: User, signal: unknown): object {
  return { op: 'VOICE_SIGNAL', d: { to_user_id: to.id, signal } };
}

export function idOf(body: unknown): string {
  const id = at(body, 'id');
  if (typeof id !== 'string') throw new ScenarioFailure('the answer has no id', JSON.stringify(body));
  return id;
}

export function listAt(value: unknown, path: string): readonly Record<string, unknown>[] {
  const list: unknown = path === '' ? value : at(value, path);
  if (!Array.isArray(list)) throw new ScenarioFailure(`${path} is not a list`, JSON.stringify(value));
  return list.filter(isRecord);
}

export function numberAt(frame: TextFrame, path: string): number {
  const value = at(frame.json, path);
  if (typeof value !== 'number') throw new ScenarioFailure(`${path} is not a number`, frame.text);
  return value;
}

export function check(holds: boolean, what: string, frame?: TextFrame): void {
  if (!holds) throw new ScenarioFailure(what, frame?.text);
}
