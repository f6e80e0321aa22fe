import http from 'k6/http';
import { sleep } from 'k6';
import { entry, postNow } from './board.js';
import { isFields, textIn } from './json.js';
import { fieldsOf, paramsOf } from './rest.js';
import { urls } from './settings.js';

export interface User {
  readonly id: string;
  readonly token: string;
}

const AT_ONCE = 20;
const TRIES = 20;

/**
 * Registers so many, in setup, and puts them on the board, from where each VU takes its own: handed over by setup, every VU
 * would hold all of them.
 */
export function registerUsers(count: number): readonly User[] {
  const users: User[] = [];
  const run = `${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;
  for (let first = 0; first < count; first += AT_ONCE) {
    const names = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, at) => `load_${run}_${first + at}`);
    users.push(...registerAll(names));
  }
  postNow('users', users);
  return users;
}

function registerAll(names: readonly string[]): User[] {
  const users = new Map<string, User>();
  for (let tries = 0; users.size < names.length; tries++) {
    if (tries === TRIES) throw new Error(`no accounts for ${names.length - users.size} users`);
    if (tries > 0) sleep(0.5);
    const left = names.filter((name) => !users.has(name));
    const answers = http.batch(left.map((name) => requestFor(name)));
    for (const [at, name] of left.entries()) {
      const answer = answers[at];
      if (answer === undefined) continue;
      if (answer.status === 429) {
        throw new Error(
          'too many registrations from this address: fewer --vus, or PARLEY_AUTH_REGISTRATIONS_PER_ADDRESS=0',
        );
      }
      const body = fieldsOf(answer.body);
      if (answer.status === 201)
        users.set(name, { id: textIn(body['user'], 'id'), token: textIn(body, 'access_token') });
    }
  }
  return [...users.values()];
}

function requestFor(username: string) {
  const body = JSON.stringify({ username, password: `${username} has a password` });
  return { method: 'POST', url: `${urls[0] ?? ''}/auth/register`, body, params: paramsOf('') } as const;
}

/** The VU's own. */
export async function userAt(index: number): Promise<User> {
  const value = await entry('users', index);
  if (!isFields(value)) throw new Error(`there is no user ${index}`);
  return { id: textIn(value, 'id'), token: textIn(value, 'token') };
}
