import type { Outcome, Status, UserId } from '@parley/contracts';
import { attempt } from '@parley/database';
import { unknownUser } from './presence-state.js';
import type { PresenceRepository } from './presence.repository.js';

/** What a user has chosen, which only they themselves may see while they are invisible. */
export class AskChosen {
  readonly #presences: PresenceRepository;

  constructor(presences: PresenceRepository) {
    this.#presences = presences;
  }

  run(userId: UserId): Promise<Outcome<{ status: Status }, 'unavailable' | 'timeout'>> {
    return attempt(async () => {
      const [state = unknownUser(userId)] = await this.#presences.load([userId]);
      return { status: state.chosen };
    });
  }
}
