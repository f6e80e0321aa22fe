import { isBoolean, isNumber, isString, list, literal, optional, shape, type Check } from '../transport/check.js';
import { isNothing, queryOf, Rest } from '../transport/rest.js';
import type { WaitOptions } from '../transport/wait.js';
import type { MemberStatus } from './party-messages.js';

/** As the API writes it; times are ISO 8601. */
export interface Party {
  readonly id: string;
  readonly name: string;
  /** The host's member id, given before the host has joined. */
  readonly host_id: string;
  readonly max_members: number;
  /** Places taken, those that are held included. */
  readonly member_count: number;
  readonly created_at: string;
}

export interface NewParty extends Party {
  /** Who has it is the host: shown this once. */
  readonly host_token: string;
}

export interface PartyPlace {
  readonly id: string;
  readonly name: string;
  readonly is_host: boolean;
  readonly connection_status: MemberStatus;
  readonly joined_at: string;
  /** Round trip, ms. */
  readonly latency?: number | undefined;
}

export interface PartyWithMembers extends Party {
  readonly members: readonly PartyPlace[];
}

export interface PartyPage {
  readonly sessions: readonly Party[];
  readonly more: boolean;
}

export interface HostOrder extends WaitOptions {
  /** Told to those whom it concerns. */
  readonly reason?: string;
  /** The session's; otherwise the client's own token says that the session is its account's. */
  readonly hostToken?: string;
}

const fields = {
  id: isString,
  name: isString,
  host_id: isString,
  max_members: isNumber,
  member_count: isNumber,
  created_at: isString,
};
const isParty: Check<Party> = shape<Party>(fields);
const isNewParty: Check<NewParty> = shape<NewParty>({ ...fields, host_token: isString });
const isPage: Check<PartyPage> = shape<PartyPage>({ sessions: list(isParty), more: isBoolean });
const isPartyWithMembers: Check<PartyWithMembers> = shape<PartyWithMembers>({
  ...fields,
  members: list(
    shape<PartyPlace>({
      id: isString,
      name: isString,
      is_host: isBoolean,
      connection_status: literal('connected', 'disconnected', 'reconnecting'),
      joined_at: isString,
      latency: optional(isNumber),
    }),
  ),
});

/** Parties: made and found here, joined with `PartyClient`. A `token` is needed only where the operator asks for accounts. */
export class PartyRest extends Rest {
  /** Keep the `host_token`: it is never shown again. With a `token` the session is that account's, which can close it too. */
  create(name: string, settings: { readonly maxMembers?: number } = {}, options?: WaitOptions): Promise<NewParty> {
    const { maxMembers } = settings;
    const body = { name, ...(maxMembers === undefined ? {} : { max_members: maxMembers }) };
    return this.request('POST', '/sessions', isNewParty, body, options);
  }

  /** Open ones, newest first. `before` is a session's id. */
  parties(page: { readonly before?: string; readonly limit?: number } = {}, options?: WaitOptions): Promise<PartyPage> {
    const query = queryOf({ before: page.before, limit: page.limit });
    return this.request('GET', `/sessions${query}`, isPage, undefined, options);
  }

  party(sessionId: string, options?: WaitOptions): Promise<PartyWithMembers> {
    return this.request('GET', partyAt(sessionId), isPartyWithMembers, undefined, options);
  }

  /** For all. */
  async close(sessionId: string, order: HostOrder = {}): Promise<void> {
    await this.order(partyAt(sessionId), order);
  }

  async kick(sessionId: string, memberId: string, order: HostOrder = {}): Promise<void> {
    await this.order(`${partyAt(sessionId)}/members/${encodeURIComponent(memberId)}`, order);
  }

  private async order(path: string, { reason, hostToken, ...options }: HostOrder): Promise<void> {
    const whole = `${path}${queryOf({ reason })}`;
    await this.ask({ method: 'DELETE', path: whole, check: isNothing, bearer: hostToken }, options);
  }
}

function partyAt(sessionId: string): string {
  return `/sessions/${encodeURIComponent(sessionId)}`;
}
