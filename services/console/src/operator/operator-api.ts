import { ParleyError, Rest } from '@parley/client';
import { isNothing, type ConsoleSession } from '../session/console-session.js';
import { isConnectionPage, isStats, isTrail, type ConnectionPage, type Stats, type Trail } from './bodies.js';

export interface ConnectionFilter {
  readonly userId?: string | undefined;
  readonly gatewayId?: string | undefined;
  readonly dialect?: string | undefined;
  /** The last connection of the page before. */
  readonly after?: string | undefined;
}

export const PAGE = 25;

/** What an operator's key opens. */
export class OperatorApi {
  private readonly rest: Rest;

  constructor(session: ConsoleSession, key: string) {
    this.rest = new Rest({ url: () => session.origin, token: key, fetch: session.fetch });
  }

  stats(): Promise<Stats> {
    return this.rest.request('GET', '/admin/stats', isStats).catch(worded);
  }

  connections({ userId, gatewayId, dialect, after }: ConnectionFilter): Promise<ConnectionPage> {
    const query = new URLSearchParams({ limit: String(PAGE) });
    for (const [name, value] of Object.entries({ user_id: userId, gateway_id: gatewayId, dialect, after })) {
      if (value !== undefined && value !== '') query.set(name, value);
    }
    return this.rest.request('GET', `/admin/connections?${query.toString()}`, isConnectionPage).catch(worded);
  }

  trail(userId: string): Promise<Trail> {
    return this.rest.request('GET', `${userAt(userId)}/trail`, isTrail).catch(worded);
  }

  async disconnect(connectionId: string): Promise<void> {
    const path = `/admin/connections/${encodeURIComponent(connectionId)}`;
    await this.rest.request('DELETE', path, isNothing).catch(worded);
  }

  /** Every login of the user ends. */
  async revoke(userId: string): Promise<void> {
    await this.rest.request('POST', `${userAt(userId)}/revoke`, isNothing).catch(worded);
  }

  /** And none is let in until it is lifted. */
  async ban(userId: string): Promise<void> {
    await this.rest.request('PUT', `${userAt(userId)}/ban`, isNothing).catch(worded);
  }

  async unban(userId: string): Promise<void> {
    await this.rest.request('DELETE', `${userAt(userId)}/ban`, isNothing).catch(worded);
  }
}

function userAt(userId: string): string {
  return `/admin/users/${encodeURIComponent(userId)}`;
}

function worded(error: unknown): never {
  if (!(error instanceof ParleyError) || error.code !== 'unauthorized') throw error;
  throw new ParleyError('unauthorized', 'The cluster does not know this key. Keys are those of PARLEY_API_KEYS.', {
    cause: error,
  });
}
