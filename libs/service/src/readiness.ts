import type { Bus, Stoppable } from '@parley/bus';

/** Why it is not ready, in one sentence; undefined when it is. Asked on every probe: no I/O. */
export type ReadyCheck = () => string | undefined;

/** Whether this process should get work. Liveness never looks at it. */
export class Readiness {
  private readonly checks = new Set<ReadyCheck>();
  private phase: 'starting' | 'started' | 'stopping' = 'starting';

  add(check: ReadyCheck): Stoppable {
    this.checks.add(check);
    return {
      stop: () => {
        this.checks.delete(check);
        return Promise.resolve();
      },
    };
  }

  started(): void {
    if (this.phase === 'starting') this.phase = 'started';
  }

  stopping(): void {
    this.phase = 'stopping';
  }

  /** Empty when ready. */
  reasons(): readonly string[] {
    const reasons = this.phase === 'started' ? [] : [this.phase === 'starting' ? 'starting' : 'shutting down'];
    for (const check of this.checks) {
      const reason = check();
      if (reason !== undefined) reasons.push(reason);
    }
    return reasons;
  }

  get ready(): boolean {
    return this.reasons().length === 0;
  }
}

/** The bus must be connected, and have no standing fault such as a refused permission or a lag. */
export function busCheck(bus: Pick<Bus, 'status' | 'faults'>): ReadyCheck {
  return () => {
    if (bus.status() !== 'connected') return 'the bus is disconnected';
    return bus.faults()[0]?.message;
  };
}
