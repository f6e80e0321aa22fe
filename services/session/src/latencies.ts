import type { ConnectionId, PartyMember } from '@parley/contracts';
import type { Clock } from './clock.js';
import { partyMember, type Member } from './session.js';

/** Sessions say again what they measured within this time, changed or not. */
const VALID_MS = 90_000;
const MOST = 200_000;

/** Round trips of connections, as last heard. Only in memory: what is lost with it is measured again within seconds. */
export class Latencies {
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #known = new Map<ConnectionId, { readonly ms: number; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(connectionId: ConnectionId, ms: number): void {
    this.#known.delete(connectionId);
    this.#known.set(connectionId, { ms, at: this.#clock() });
    this.#forgetOld();
  }

  forget(connectionId: ConnectionId): void {
    this.#known.delete(connectionId);
  }

  /** Members as others see them. */
  show(members: readonly Member[]): PartyMember[] {
    return members.map((member) => partyMember(member, this.#of(member)));
  }

  #of({ link }: Member): number | undefined {
    const known = link === null ? undefined : this.#known.get(link.connectionId);
    return known === undefined || this.#clock() - known.at > VALID_MS ? undefined : known.ms;
  }

  #forgetOld(): void {
    for (const [connectionId, { at }] of this.#known) {
      if (this.#known.size <= MOST && this.#clock() - at <= VALID_MS) return;
      this.#known.delete(connectionId);
    }
  }
}
