import { randomBytes } from 'node:crypto';
import type { Accounts, Grants, User } from './accounts.js';
import { Client, type ClientOptions } from './client.js';
import { ScenarioFailure } from './failure.js';
import type { Rest } from './rest.js';
import type { Settings } from './settings.js';

export type Carrier = 'query' | 'header' | 'subprotocol';

export interface OpenOptions {
  /** Default 1; 2 is the first one again where no second was given. */
  readonly gateway?: 1 | 2;
  /** Default `query`. */
  readonly carrier?: Carrier;
  readonly answersPings?: boolean;
  readonly deflate?: boolean;
  /** More of the URL's query. */
  readonly query?: Readonly<Record<string, string>>;
  /** True: nothing that comes counts as background. */
  readonly everything?: boolean;
}

interface Parts {
  readonly settings: Settings;
  readonly accounts: Accounts;
  readonly rest: Rest | undefined;
  readonly background: (message: unknown) => boolean;
}

/** What a scenario works with. Everything that it opened is closed when it ends. */
export class Context {
  readonly settings: Settings;
  readonly #parts: Parts;
  readonly #clients: Client[] = [];
  readonly #users: User[] = [];
  readonly #unique = randomBytes(5).toString('hex');

  constructor(parts: Parts) {
    this.settings = parts.settings;
    this.#parts = parts;
  }

  get rest(): Rest {
    if (this.#parts.rest === undefined) throw new ScenarioFailure('this scenario needs REST and does not say so');
    return this.#parts.rest;
  }

  /** `fresh`: nothing has ever been sent by or to this user. */
  async user({ fresh = false }: { readonly fresh?: boolean } = {}): Promise<User> {
    const user = await this.#parts.accounts.borrow(fresh);
    this.#users.push(user);
    return user;
  }

  async users(count: 2): Promise<readonly [User, User]>;
  async users(count: 3): Promise<readonly [User, User, User]>;
  async users(count: number): Promise<readonly User[]> {
    const users: User[] = [];
    while (users.length < count) users.push(await this.user());
    return users;
  }

  logIn(user: User, grants?: Grants): Promise<User> {
    return this.#parts.accounts.logIn(user, grants);
  }

  logOut(user: User): Promise<void> {
    return this.#parts.accounts.logOut(user);
  }

  /** A topic that nobody else uses. */
  topic(name = 'topic'): string {
    return `conformance.${this.#unique}.${name}`;
  }

  /** With the user's token. Resolves when the socket is open; what the server says then is the scenario's to expect. */
  open(user: Pick<User, 'token'>, options: OpenOptions = {}): Promise<Client> {
    const { answersPings = true, carrier = 'query', deflate = false, everything = false, query = {} } = options;
    const url = withQuery(this.urlOf(options.gateway ?? 1), query);
    const shared = { answersPings, deflate, ...(everything ? { background: () => false } : {}) };
    switch (carrier) {
      case 'query':
        return this.openUrl(withToken(url, user.token), shared);
      case 'header':
        return this.openUrl(url, { ...shared, headers: { Authorization: `Bearer ${user.token}` } });
      case 'subprotocol':
        return this.openUrl(url, { ...shared, subprotocols: [`access_token.${user.token}`] });
    }
  }

  async openUrl(url: string, options: ClientOptions = {}): Promise<Client> {
    const { answerSeconds } = this.settings;
    const patience = answerSeconds === undefined ? {} : { answerMs: answerSeconds * 1_000 };
    const client = await Client.open(url, { background: this.#parts.background, ...patience, ...options });
    this.#clients.push(client);
    return client;
  }

  urlOf(gateway: 1 | 2): string {
    return gateway === 2 ? (this.settings.secondUrl ?? this.settings.url) : this.settings.url;
  }

  async end(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    for (const user of this.#users) this.#parts.accounts.giveBack(user);
  }
}

export function withToken(url: string, token: string): string {
  return withQuery(url, { token });
}

function withQuery(url: string, members: Readonly<Record<string, string>>): string {
  const result = new URL(url);
  for (const [name, value] of Object.entries(members)) result.searchParams.set(name, value);
  return result.href;
}
