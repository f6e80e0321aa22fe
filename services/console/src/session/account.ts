import { ChatRest, ParleyError, type ConnectionConfig } from '@parley/client';
import type { Check, ConsoleSession, Method } from './console-session.js';
import { keptLogin, loginOf, type Login } from './login.js';
import { isRecord, parseJson } from './json.js';
import type { Network } from './network.js';
import { Store } from './store.js';

export interface SignedOut {
  readonly phase: 'signed-out';
  /** Why, where it was not the person's own wish. */
  readonly reason?: string;
}

export interface SignedIn {
  readonly phase: 'signed-in';
  readonly session: ConsoleSession;
}

const DEADLINE_MS = 15_000;
/** Told to who was signed in. */
export const ENDED = 'Your login has ended: it was revoked, it expired, or it was used in another window.';

/** Who this window is. Tokens are renewed in time; a login that the cluster does not accept any more ends here too. */
export class Account {
  readonly state: Store<SignedOut | SignedIn>;
  private login: Login | undefined;
  private renewing: Promise<string> | undefined;
  private checking: Promise<void> | undefined;

  constructor(private readonly network: Network) {
    this.login = keptLogin.read();
    this.state = new Store<SignedOut | SignedIn>(this.current());
    network.onRefused = () => void this.check();
  }

  register(username: string, password: string): Promise<void> {
    return this.enter('/auth/register', { username, password });
  }

  signIn(username: string, password: string): Promise<void> {
    return this.enter('/auth/login', username.includes('@') ? { email: username, password } : { username, password });
  }

  /** Ends the login everywhere; here also when the cluster cannot be told. */
  async signOut(): Promise<void> {
    const { login } = this;
    this.leave();
    if (login === undefined) return;
    const headers = { Authorization: `Bearer ${login.accessToken}` };
    const signal = AbortSignal.timeout(DEADLINE_MS);
    await this.network
      .fetch(new URL('/auth/logout', this.network.origin), { method: 'POST', headers, signal })
      .catch(() => undefined);
  }

  private async enter(path: string, body: unknown): Promise<void> {
    const login = loginOf(await this.post(path, body), Date.now());
    if (login === undefined) throw new ParleyError('internal', 'the server answered in an unknown shape');
    this.keep(login);
    this.state.set(this.current());
  }

  /** The access token; a new one when this one is about to expire. */
  private readonly token = async (): Promise<string> => {
    const { login } = this;
    if (login === undefined) throw new ParleyError('unauthorized', 'nobody is signed in');
    return Date.now() < login.renewAt ? login.accessToken : this.renew(login);
  };

  /** Each refresh token works once, so whoever asks meanwhile waits for the same answer. */
  private renew(login: Login): Promise<string> {
    this.renewing ??= this.exchange(login).finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async exchange(login: Login): Promise<string> {
    try {
      const next = loginOf(await this.post('/auth/refresh', { refresh_token: login.refreshToken }), Date.now());
      if (next === undefined) throw new ParleyError('internal', 'the server answered in an unknown shape');
      // Signed out meanwhile, or somebody else by now.
      if (this.login === login) this.keep(next);
      return next.accessToken;
    } catch (error) {
      if (this.login === login && error instanceof ParleyError && error.code === 'unauthorized') this.leave(ENDED);
      throw error;
    }
  }

  /** A connection was refused: is it the login? */
  private check(): Promise<void> {
    this.checking ??= this.ask().finally(() => {
      this.checking = undefined;
    });
    return this.checking;
  }

  private async ask(): Promise<void> {
    const { login } = this;
    if (login === undefined) return;
    const headers = { Authorization: `Bearer ${login.accessToken}` };
    try {
      const url = new URL('/users/@me', this.network.origin);
      const { status } = await this.network.fetch(url, { headers, signal: AbortSignal.timeout(DEADLINE_MS) });
      if (status === 401 && this.login === login) await this.renew(login);
    } catch {
      // Not to be known now; whoever needs the token next will see.
    }
  }

  private async post(path: string, body: unknown): Promise<unknown> {
    let response: Response;
    try {
      response = await this.network.fetch(new URL(path, this.network.origin), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
    } catch (cause) {
      throw new ParleyError('unavailable', 'the gateway cannot be reached', { cause });
    }
    const answer = parseJson(await response.text());
    if (response.ok) return answer;
    const said = isRecord(answer) && typeof answer['error'] === 'string' ? answer['error'] : undefined;
    const code = response.status === 401 ? 'unauthorized' : response.status >= 500 ? 'unavailable' : 'invalid';
    throw new ParleyError(code, said ?? `the gateway answered ${String(response.status)}`, {
      wireCode: response.status,
    });
  }

  private keep(login: Login | undefined): void {
    this.login = login;
    keptLogin.write(login);
  }

  private leave(reason?: string): void {
    this.keep(undefined);
    this.state.set({ phase: 'signed-out', ...(reason === undefined ? {} : { reason }) });
  }

  private current(): SignedOut | SignedIn {
    if (this.login === undefined) return { phase: 'signed-out' };
    return { phase: 'signed-in', session: sessionOf(this.login.user, this.network, this.token) };
  }
}

function sessionOf(user: ConsoleSession['user'], network: Network, token: () => Promise<string>): ConsoleSession {
  const rest = new ChatRest({ url: () => network.origin, token, fetch: network.fetch });
  const connection = (path: string): ConnectionConfig => ({
    url: network.urlOf(path),
    token,
    WebSocket: network.WebSocket,
    // A person watches: the longest wait is short.
    backoff: { minMs: 100, baseMs: 500, maxMs: 5_000 },
  });
  return {
    user,
    get origin() {
      return network.origin;
    },
    urlOf: network.urlOf,
    token,
    WebSocket: network.WebSocket,
    fetch: network.fetch,
    connection,
    rest: <T>(method: Method, path: string, check: Check<T>, body?: unknown) => rest.request(method, path, check, body),
  };
}
