import { compile } from '@parley/contracts';
import { Type } from '@sinclair/typebox';

const grantCheck = compile(
  Type.Object({ access_token: Type.String(), user: Type.Object({ id: Type.String(), username: Type.String() }) }),
);

export interface Person {
  readonly id: string;
  readonly username: string;
  readonly token: string;
}

export const PASSWORD = 'correct horse battery';

let count = 0;

/** A new account, with a first login. `url` is a gateway's. */
export async function register(url: string): Promise<Person> {
  count += 1;
  const username = `user_${process.pid.toString(36)}_${String(count)}`;
  return personOf(await post(`${url}/auth/register`, { username, password: PASSWORD }));
}

export function registerMany(url: string, number: number): Promise<Person[]> {
  return Promise.all(Array.from({ length: number }, () => register(url)));
}

/** One more login of the same user, with a token of its own. */
export async function logIn(url: string, { username }: Person, password = PASSWORD): Promise<Person> {
  return personOf(await post(`${url}/auth/login`, { username, password }));
}

export function call(
  method: string,
  url: string,
  token: string,
  body?: unknown,
  signal = AbortSignal.timeout(20_000),
): Promise<Response> {
  return fetch(url, {
    method,
    signal,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await call('POST', url, '', body);
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)} ${await response.text()}`);
  return response.json();
}

function personOf(grant: unknown): Person {
  if (!grantCheck.is(grant)) throw new Error(`no grant: ${JSON.stringify(grant)}`);
  return { id: grant.user.id, username: grant.user.username, token: grant.access_token };
}
