import { compile } from '@parley/contracts';
import { Type } from '@sinclair/typebox';
import { call, type Person } from './people.js';

const createdCheck = compile(Type.Object({ id: Type.String() }));

/** A server of chat with one text and one voice channel. */
export interface ChatRoom {
  readonly serverId: string;
  readonly textId: string;
  readonly voiceId: string;
}

/** All of them members; the first is the owner. `url` is a gateway's. */
export async function chatRoom(url: string, [owner, ...others]: readonly Person[]): Promise<ChatRoom> {
  if (owner === undefined) throw new Error('a server needs an owner');
  const serverId = await create(`${url}/servers`, owner, { name: 'Test' });
  const [textId, voiceId] = [
    await create(`${url}/servers/${serverId}/channels`, owner, { name: 'general', type: 'text' }),
    await create(`${url}/servers/${serverId}/channels`, owner, { name: 'Lounge', type: 'voice' }),
  ];
  for (const { token } of others) await must('POST', `${url}/servers/${serverId}/join`, token);
  return { serverId, textId, voiceId };
}

/** A call that has to be answered with success; resolves with the body, if there is one. */
export async function must(method: string, url: string, token: string, body?: unknown): Promise<unknown> {
  const response = await call(method, url, token, body);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${String(response.status)} ${text}`);
  const value: unknown = text === '' ? undefined : JSON.parse(text);
  return value;
}

async function create(url: string, { token }: Person, body: object): Promise<string> {
  const created = await must('POST', url, token, body);
  if (!createdCheck.is(created)) throw new Error(`${url} made nothing with an id`);
  return created.id;
}
