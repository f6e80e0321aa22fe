import { beforeEach, expect, test, vi } from 'vitest';
import { Account, ENDED } from './account.js';
import { Network } from './network.js';

/** Of a server that answers what it is told to, and a window that keeps what it is given. */
const kept = new Map<string, string>();
let answers: { readonly status: number; readonly body: unknown }[];
let asked: string[];
let network: Network;

beforeEach(() => {
  kept.clear();
  answers = [];
  asked = [];
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
  vi.stubGlobal('fetch', async (url: URL, init?: RequestInit) => {
    asked.push(`${init?.method ?? 'GET'} ${url.pathname}`);
    const { status, body } = answers.shift() ?? { status: 500, body: {} };
    return Response.json(body, { status });
  });
  network = new Network(['http://gateway']);
});

function grant(n: number, expiresIn = 900) {
  const user = { id: 'u1', username: 'ann' };
  return { access_token: `a${String(n)}`, refresh_token: `r${String(n)}`, expires_in: expiresIn, user };
}

const answer = (body: unknown, status = 200) => answers.push({ status, body });

function session(account: Account) {
  const state = account.state.get();
  if (state.phase !== 'signed-in') throw new Error('nobody is signed in');
  return state.session;
}

test('who signs in is there after a reload, until they sign out', async () => {
  answer(grant(1));
  const account = new Account(network);
  await account.signIn('ann', 'secret');
  expect([session(account).user, await session(account).token()]).toEqual([{ id: 'u1', username: 'ann' }, 'a1']);
  const reloaded = new Account(network);
  expect(await session(reloaded).token()).toBe('a1');
  await reloaded.signOut();
  expect([reloaded.state.get(), kept.size, asked.at(-1)]).toEqual([{ phase: 'signed-out' }, 0, 'POST /auth/logout']);
  expect(new Account(network).state.get().phase).toBe('signed-out');
});

test('a refusal is told in the words of the server, and nobody is signed in', async () => {
  const account = new Account(network);
  answer({ error: 'unknown username or wrong password', code: 'unauthenticated' }, 401);
  await expect(account.signIn('ann@example.org', 'wrong')).rejects.toMatchObject({
    message: 'unknown username or wrong password',
    code: 'unauthorized',
  });
  answer('no grant');
  await expect(account.register('ann', 'secret')).rejects.toMatchObject({ code: 'internal' });
  expect(account.state.get()).toEqual({ phase: 'signed-out' });
});

test('a token that is about to expire is exchanged once, whoever asks, and kept', async () => {
  answer(grant(1, 0));
  const account = new Account(network);
  await account.signIn('ann', 'secret');
  answer(grant(2));
  const { token } = session(account);
  expect(await Promise.all([token(), token(), token()])).toEqual(['a2', 'a2', 'a2']);
  expect(asked).toEqual(['POST /auth/login', 'POST /auth/refresh']);
  expect(await session(new Account(network)).token()).toBe('a2');
});

test('a refresh token that is not accepted any more ends the login; a gateway that is away does not', async () => {
  answer(grant(1, 0));
  const account = new Account(network);
  await account.signIn('ann', 'secret');
  const { token } = session(account);
  network.cut();
  await expect(token()).rejects.toMatchObject({ code: 'unavailable' });
  expect(account.state.get().phase).toBe('signed-in');
  vi.stubGlobal('dispatchEvent', () => true);
  network.restore();
  answer({ error: 'used before' }, 401);
  await expect(token()).rejects.toMatchObject({ code: 'unauthorized' });
  expect(account.state.get()).toMatchObject({ phase: 'signed-out', reason: ENDED });
  expect(kept.size).toBe(0);
});

test('a connection that is refused asks whether the login is at an end', async () => {
  answer(grant(1));
  const account = new Account(network);
  await account.signIn('ann', 'secret');
  answer({}, 200);
  network.onRefused();
  await vi.waitFor(() => expect(asked.at(-1)).toBe('GET /users/@me'));
  expect(account.state.get().phase).toBe('signed-in');
  answer({}, 401);
  answer({ error: 'revoked' }, 401);
  await vi.waitFor(() => {
    network.onRefused();
    expect(account.state.get().phase).toBe('signed-out');
  });
});
