import type { Outcome, Presence } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Clock } from './clock.js';
import { shown } from './presence-state.js';
import type { PresenceRepository } from './presence.repository.js';
import { fitting } from './reply-budget.js';
import { ShareNext } from './share-next.js';

type Online = Outcome<{ presences: Presence[]; total: number }, 'unavailable' | 'timeout'>;

/** Who is not offline now: some of them, and how many in all. Callers that ask at the same time share one query. */
export class ListOnline {
  readonly #presences: PresenceRepository;
  readonly #clock: Clock;
  readonly #byLimit = new Map<number, ShareNext<Online>>();

  constructor(presences: PresenceRepository, clock: Clock) {
    this.#presences = presences;
    this.#clock = clock;
  }

  run(limit: number): Promise<Online> {
    let shared = this.#byLimit.get(limit);
    // At most one entry per limit that the contract allows.
    if (shared === undefined) this.#byLimit.set(limit, (shared = new ShareNext(() => this.#ask(limit))));
    return shared.run();
  }

  #ask(limit: number): Promise<Online> {
    return attempt(async () => {
      const { states, total } = await this.#presences.online(limit);
      const now = this.#clock();
      return { presences: fitting(states.map((state) => shown(state, now))), total };
    });
  }
}
