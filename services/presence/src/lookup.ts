import type { Outcome, Presence, UserId } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Clock } from './clock.js';
import { shown } from './presence-state.js';
import type { PresenceRepository } from './presence.repository.js';
import { fitting } from './reply-budget.js';

/**
 * What others see of these users, in the order asked; one who was never here is offline since 0. When all of it would be
 * more than a bus message holds, the last ones are left out: ask again for them.
 */
export class LookupPresence {
  readonly #presences: PresenceRepository;
  readonly #clock: Clock;

  constructor(presences: PresenceRepository, clock: Clock) {
    this.#presences = presences;
    this.#clock = clock;
  }

  run(userIds: readonly UserId[]): Promise<Outcome<{ presences: Presence[] }, 'unavailable' | 'timeout'>> {
    return attempt(async () => {
      const states = await this.#presences.load([...new Set(userIds)]);
      const now = this.#clock();
      return { presences: fitting(states.map((state) => shown(state, now))) };
    });
  }
}
