import type { ConnectionId, Outcome, UserId } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { ConnectionRepository } from './connection.repository.js';

/** Which connections are known to be gone, for services that hold something on behalf of them. */
export class AskAlive {
  readonly #connections: ConnectionRepository;

  constructor(connections: ConnectionRepository) {
    this.#connections = connections;
  }

  run(
    asked: readonly { readonly connectionId: ConnectionId; readonly userId: UserId }[],
  ): Promise<Outcome<{ gone: ConnectionId[] }, 'unavailable' | 'timeout'>> {
    return attempt(async () => ({ gone: [...(await this.#connections.gone(asked))] }));
  }
}
