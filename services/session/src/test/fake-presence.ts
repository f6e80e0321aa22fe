import type { Bus } from '@parley/bus';
import { ok, presence, type ConnectionId } from '@parley/contracts';

/** Answers `presence.alive` with what the test says: every connection is alive until it is named here. */
export class FakePresence {
  readonly gone = new Set<ConnectionId>();
  asked = 0;

  constructor(bus: Bus) {
    bus.serve(presence.alive, ({ connections }) => {
      this.asked++;
      const gone = connections.map(({ connectionId }) => connectionId).filter((id) => this.gone.has(id));
      return Promise.resolve(ok({ gone }));
    });
  }
}
