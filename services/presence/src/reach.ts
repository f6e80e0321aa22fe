import type { DialectName, Outcome, UserId } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { ConnectionRepository, Reach } from './connection.repository.js';

/** Whether users can be reached through a dialect, and since when not. */
export class AskReach {
  readonly #connections: ConnectionRepository;

  constructor(connections: ConnectionRepository) {
    this.#connections = connections;
  }

  run(
    userIds: readonly UserId[],
    dialect: DialectName,
  ): Promise<Outcome<{ users: Reach[] }, 'unavailable' | 'timeout'>> {
    return attempt(async () => ({ users: [...(await this.#connections.reach([...new Set(userIds)], dialect))] }));
  }
}
