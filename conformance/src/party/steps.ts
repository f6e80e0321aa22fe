import { randomUUID } from 'node:crypto';
import type { User } from '../accounts.js';
import type { Client, TextFrame } from '../client.js';
import { withToken, type Context, type OpenOptions } from '../context.js';
import { ScenarioFailure } from '../failure.js';
import { anInteger, aString, at, aTime, aUuid, isRecord, optional, type Pattern } from '../match.js';

export interface Party {
  readonly id: string;
  readonly hostId: string;
  readonly hostToken: string;
}

/** Somebody in a session, with what they were told at the door. */
export interface Member {
  readonly client: Client;
  readonly id: string;
  readonly deviceId: string;
  readonly welcome: TextFrame;
  readonly list: TextFrame;
}

export interface JoinOptions {
  /** Default 1. */
  readonly gateway?: 1 | 2;
  readonly deviceId?: string;
  readonly name?: string;
  /** Joins as the host, with the token in the message. */
  readonly hostToken?: string;
  /** With this user's token; otherwise without any. */
  readonly user?: Pick<User, 'token'>;
  readonly answersPings?: boolean;
}

/** Long enough for a change of somebody's connection to be told. */
export const TOLD_MS = 5_000;

export async function makeParty(context: Context, maxMembers = 10, maker?: User): Promise<Party> {
  const made = await context.rest.expect('POST', '/sessions', 201, {
    body: { name: 'A party', max_members: maxMembers },
    ...(maker === undefined ? {} : { bearer: maker.token }),
  });
  const [id, hostId, hostToken] = [at(made, 'id'), at(made, 'host_id'), at(made, 'host_token')];
  if (typeof id !== 'string' || typeof hostId !== 'string' || typeof hostToken !== 'string') {
    throw new ScenarioFailure('a session has id, host_id and host_token', JSON.stringify(made));
  }
  return { id, hostId, hostToken };
}

export function message(type: string, fields: object = {}): object {
  return { type, timestamp: Date.now(), ...fields };
}

export function joining(sessionId: string, deviceId: string, options: JoinOptions = {}): object {
  const { name = 'A phone', hostToken } = options;
  const type = hostToken === undefined ? 'client' : 'host';
  const token = hostToken === undefined ? {} : { token: hostToken };
  return message('join', { sessionId, deviceInfo: { id: deviceId, name, type }, ...token });
}

/** A socket that has not said anything. */
export function connect(context: Context, options: JoinOptions & Pick<OpenOptions, 'query'> = {}): Promise<Client> {
  const { gateway = 1, user, answersPings = true } = options;
  const url = context.urlOf(gateway);
  return context.openUrl(user === undefined ? url : withToken(url, user.token), { answersPings });
}

/** In the session, `welcome` and `member_list` taken. */
export async function enter(context: Context, party: Pick<Party, 'id'>, options: JoinOptions = {}): Promise<Member> {
  const client = await connect(context, options);
  const deviceId = options.deviceId ?? randomUUID();
  client.send(joining(party.id, deviceId, options));
  return welcomed(client, deviceId);
}

export async function welcomed(client: Client, deviceId: string): Promise<Member> {
  const welcome = await client.expect({ type: 'welcome', timestamp: aTime, clientId: aUuid });
  const list = await client.expect({ type: 'member_list', timestamp: aTime });
  const id = at(welcome.json, 'clientId');
  if (typeof id !== 'string') throw new ScenarioFailure('no clientId', welcome.text);
  return { client, id, deviceId, welcome, list };
}

export function enterAsHost(context: Context, party: Party, options: JoinOptions = {}): Promise<Member> {
  return enter(context, party, { hostToken: party.hostToken, ...options });
}

export function refusal(code: string, details?: Pattern): Pattern {
  return { type: 'error', timestamp: aTime, code, message: aString, ...(details === undefined ? {} : { details }) };
}

export function memberOf(member: Pick<Member, 'id'>, over: Readonly<Record<string, Pattern>> = {}): Pattern {
  return {
    id: member.id,
    name: 'A phone',
    isHost: false,
    connectionStatus: 'connected',
    joinedAt: aTime,
    latency: optional(anInteger),
    ...over,
  };
}

/** The ids in a `member_list`, in its order. */
export function idsIn({ json }: Pick<TextFrame, 'json'>): readonly unknown[] {
  const members = at(json, 'members');
  return Array.isArray(members) ? members.map((member) => at(member, 'id')) : [];
}

/** The next list in which this member has that status. */
export function listedAs(client: Client, memberId: string, status: string, withinMs = TOLD_MS): Promise<TextFrame> {
  return client.eventually((frame) => statusIn(frame, memberId) === status, withinMs);
}

function statusIn(frame: unknown, memberId: string): unknown {
  const members = isRecord(frame) && frame['type'] === 'member_list' ? at(frame, 'members') : [];
  const found: unknown = Array.isArray(members) ? members.find((member) => at(member, 'id') === memberId) : undefined;
  return at(found, 'connectionStatus');
}

/** Keeps a member alive that has nothing to say. Stops with the socket. */
export function beat({ client }: Pick<Member, 'client'>): void {
  const timer = setInterval(() => {
    if (client.closed !== undefined) clearInterval(timer);
    else client.send(message('heartbeat'));
  }, 5_000);
  timer.unref();
}

export function check(holds: boolean, message: string, frame?: TextFrame): asserts holds {
  if (!holds) throw new ScenarioFailure(message, frame?.text);
}
