import { randomBytes } from 'node:crypto';
import type { User } from '../accounts.js';
import type { Client, TextFrame } from '../client.js';
import type { Context, OpenOptions } from '../context.js';
import { ScenarioFailure } from '../failure.js';
import { aString, at, type Pattern } from '../match.js';

/** What most scenarios begin with. */
export interface Member {
  readonly client: Client;
  readonly user: User;
  readonly connectionId: string;
}

export const connected: Pattern = {
  type: 'Status',
  data: { status: 'connected', details: { connection_id: aString } },
};

/** Opens a socket and takes the welcome. */
export async function enter(context: Context, user: User, options: OpenOptions = {}): Promise<Member> {
  const client = await context.open(user, options);
  const frame = await client.expect(connected);
  return { client, user, connectionId: stringAt(frame, 'data.details.connection_id') };
}

/** A publisher on the first gateway and a subscriber on the second, two users. */
export async function pair(context: Context): Promise<readonly [Member, Member]> {
  const [one, two] = await context.users(2);
  return [await enter(context, one), await enter(context, two, { gateway: 2 })];
}

export async function subscribe({ client }: Member, ...topics: readonly string[]): Promise<TextFrame> {
  client.send({ type: 'Subscribe', data: { topics } });
  return client.expect({ type: 'Status', data: { status: 'subscribed' } });
}

/** With an id, and its answer taken; for publishers who are not subscribed themselves. */
export async function publish({ client }: Member, topic: string, payload: unknown): Promise<TextFrame> {
  const id = anId();
  client.send({ type: 'Broadcast', data: { topic, payload }, id });
  return client.expect(ack(id));
}

export async function ask({ client }: Member, message: object, answer: Pattern): Promise<TextFrame> {
  client.send(message);
  return client.expect(answer);
}

export function ack(id: string, more: Readonly<Record<string, Pattern>> = {}): Pattern {
  return { type: 'Ack', data: { message_id: id, ...more } };
}

export function error(code: number, details: Readonly<Record<string, Pattern>> = {}): Pattern {
  return { type: 'Error', data: { code, message: aString, details } };
}

export function broadcastOf(topic: string, payload: Pattern): Pattern {
  return { type: 'Broadcast', data: { topic, payload } };
}

/** Unlike any other, so that nothing earlier counts as its repetition. */
export function anId(): string {
  return `id-${randomBytes(8).toString('hex')}`;
}

/** Everything that the server had to say to this connection by now: what came before the answer to a ping. */
export async function soFar({ client }: Member): Promise<readonly TextFrame[]> {
  const timestamp = Date.now() + Math.floor(Math.random() * 1_000_000);
  client.send({ type: 'Ping', data: { timestamp } });
  const frames = await client.collectUntil({ type: 'Pong', data: { timestamp } });
  return frames.slice(0, -1);
}

export async function expectNothing(member: Member, what: string): Promise<void> {
  const [stray] = await soFar(member);
  if (stray !== undefined) throw new ScenarioFailure(what, stray.text);
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
