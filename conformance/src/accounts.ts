import { randomBytes } from 'node:crypto';
import { ScenarioFailure } from './failure.js';
import { at, isRecord } from './match.js';
import type { Rest } from './rest.js';

export interface User {
  readonly id: string;
  /** Undefined when the token does not say. */
  readonly name: string | undefined;
  readonly token: string;
  /** ms since 1970; undefined when the token does not say. */
  readonly expiresAt: number | undefined;
}

/** Patterns that a token confines its bearer to. */
export interface Grants {
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
}

const LEAST_LEFT_MS = 25_000;

/**
 * Lends users to scenarios, so that a run needs few: servers limit registrations. A user is lent to one scenario at a
 * time; who needs one without a past asks for a new one.
 */
export class Accounts {
  readonly #idle: User[] = [];
  readonly #lent = new Map<string, User>();
  readonly #passwords = new Map<string, string>();

  constructor(
    private readonly rest: Rest | undefined,
    tokens: readonly string[],
  ) {
    this.#idle.push(...tokens.map(userOf));
  }

  /** How many different users there can be. */
  get most(): number {
    return this.rest === undefined ? this.#idle.length + this.#lent.size : Number.POSITIVE_INFINITY;
  }

  async borrow(fresh: boolean): Promise<User> {
    const idle = fresh && this.rest !== undefined ? undefined : this.#idle.shift();
    if (idle === undefined && this.rest === undefined) throw new ScenarioFailure('not enough tokens were given');
    const user = idle === undefined ? await this.#register() : await this.#renewed(idle);
    this.#lent.set(user.id, user);
    return user;
  }

  giveBack(user: User): void {
    const lent = this.#lent.get(user.id);
    if (lent === undefined) return;
    this.#lent.delete(user.id);
    this.#idle.push(lent);
  }

  /** Another login of the same user, perhaps with a token that allows less. */
  async logIn(user: User, topics?: Grants): Promise<User> {
    const password = this.#passwords.get(user.id);
    if (password === undefined || this.rest === undefined) throw new ScenarioFailure('this user has no password');
    const body = { username: user.name, password, ...(topics === undefined ? {} : { topics }) };
    return fromGrant(await this.rest.expect('POST', '/auth/login', 200, { body }));
  }

  async logOut(user: User): Promise<void> {
    if (this.rest === undefined) throw new ScenarioFailure('logging out needs REST');
    await this.rest.expect('POST', '/auth/logout', 204, { bearer: user.token });
  }

  async #register(): Promise<User> {
    const password = randomBytes(12).toString('hex');
    const username = `c${randomBytes(8).toString('hex')}`;
    const user = fromGrant(await this.rest?.expect('POST', '/auth/register', 201, { body: { username, password } }));
    this.#passwords.set(user.id, password);
    return user;
  }

  async #renewed(user: User): Promise<User> {
    const left = user.expiresAt === undefined ? LEAST_LEFT_MS : user.expiresAt - Date.now();
    return left >= LEAST_LEFT_MS || this.rest === undefined ? user : this.logIn(user);
  }
}

function fromGrant(body: unknown): User {
  const token = at(body, 'access_token');
  if (typeof token !== 'string') throw new ScenarioFailure('no access_token in the answer', JSON.stringify(body));
  const user = userOf(token);
  const [id, name] = [at(body, 'user.id'), at(body, 'user.username')];
  return {
    ...user,
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  };
}

/** As far as the token is a JWT that says so. */
function userOf(token: string): User {
  const claims = claimsOf(token);
  const { sub, username, exp } = claims;
  return {
    id: typeof sub === 'string' ? sub : token,
    name: typeof username === 'string' ? username : undefined,
    token,
    expiresAt: typeof exp === 'number' ? exp * 1_000 : undefined,
  };
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return isRecord(claims) ? claims : {};
  } catch {
    return {};
  }
}
