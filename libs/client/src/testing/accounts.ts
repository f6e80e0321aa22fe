import { isRecord } from '../transport/check.js';

export interface Account {
  readonly id: string;
  readonly username: string;
  readonly token: string;
}

let count = 0;

/** A new account on a running cluster; `url` is a gateway's. */
export async function register(url: string): Promise<Account> {
  const username = `sdk_${process.pid.toString(36)}_${String((count += 1))}`;
  const grant = await post(`${url}/auth/register`, { username, password: 'correct horse battery' });
  const { access_token: token, user } = grant;
  if (typeof token !== 'string' || !isRecord(user) || typeof user['id'] !== 'string') throw new Error('no account');
  return { id: user['id'], username, token };
}

/** A room that anyone may edit; returns its id. */
export async function createRoom(url: string, { token }: Account, type: string, content: unknown): Promise<string> {
  const { id } = await post(`${url}/rooms`, { type, content, public: true }, token);
  if (typeof id !== 'string') throw new Error('no room');
  return id;
}

export async function get(url: string, token: string): Promise<Readonly<Record<string, unknown>>> {
  return answerOf(
    await fetch(url, { headers: { Authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(10_000) }),
  );
}

export async function post(url: string, body: unknown, token?: string): Promise<Readonly<Record<string, unknown>>> {
  const headers = {
    'Content-Type': 'application/json',
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
  };
  const signal = AbortSignal.timeout(10_000);
  return answerOf(await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal }));
}

async function answerOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const answer: unknown = await response.json();
  if (!response.ok || !isRecord(answer)) throw new Error(`${response.url} answered ${JSON.stringify(answer)}`);
  return answer;
}
