import type { ConnectionId, ConnectionInfo, Outcome } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { ConnectionFilter, ConnectionRepository } from './connection.repository.js';

/** Open connections by any of user, connection, gateway and dialect, a page at a time. */
export class ListConnections {
  readonly #connections: ConnectionRepository;

  constructor(connections: ConnectionRepository) {
    this.#connections = connections;
  }

  run(
    query: ConnectionFilter & { readonly after?: ConnectionId; readonly limit: number },
  ): Promise<Outcome<{ connections: ConnectionInfo[]; total: number }, 'unavailable' | 'timeout'>> {
    return attempt(async () => {
      const { connections, total } = await this.#connections.list(query, query.after, query.limit);
      return { connections: [...connections], total };
    });
  }
}
