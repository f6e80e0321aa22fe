import type { Outcome } from '@parley/contracts';
import type { Caller, Farewell } from '@parley/dialects';

export interface FarewellDeps {
  readonly caller: Caller;
  /** Given up: the service has to find out by itself. */
  unsaid(farewells: number, why: string): void;
}

interface Waiting {
  readonly farewell: Farewell;
  /** ms of `performance.now()` */
  readonly givenUpAt: number;
  /** Before the next attempt, ms. */
  readonly pause: number;
}

const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5_000;
/** A pod that loses all of its connections at once must not ask for all of them at once. */
const MAX_RUNNING = 256;
const LOOK_AGAIN_MS = 20;
const MAX_UNSAID = 200_000;

/** What services are told of connections that are gone: each until it is heard, for a minute at most. */
export class Farewells {
  /** Their turn has come, in order. */
  private readonly ready = new Set<Waiting>();
  private running = 0;
  /** Not heard yet, whether waiting, pausing or under way. */
  private open = 0;
  private stopped = false;

  constructor(private readonly deps: FarewellDeps) {}

  say(farewells: readonly Farewell[]): void {
    const room = this.stopped ? 0 : Math.max(0, MAX_UNSAID - this.open);
    for (const farewell of farewells.slice(0, room)) {
      this.open += 1;
      this.ready.add({ farewell, givenUpAt: performance.now() + PATIENCE_MS, pause: FIRST_PAUSE_MS });
    }
    if (farewells.length > room) this.deps.unsaid(farewells.length - room, 'too many at once');
    this.next();
  }

  /** Waits for what is not heard yet, as long as the deadline allows; nothing is said after it. */
  async stop(deadlineMs: number): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (this.open > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    this.stopped = true;
    this.ready.clear();
    if (this.open > 0) this.deps.unsaid(this.open, 'the gateway ends');
  }

  private next(): void {
    for (const waiting of this.ready) {
      if (this.running >= MAX_RUNNING) return;
      this.ready.delete(waiting);
      void this.attempt(waiting);
    }
  }

  private async attempt(waiting: Waiting): Promise<void> {
    this.running += 1;
    const outcome = await this.ask(waiting.farewell);
    this.running -= 1;
    if (!outcome.ok && mayPass(outcome.error.code)) this.pause(waiting, outcome.error.message);
    else this.settle(outcome.ok ? undefined : outcome.error.message);
    this.next();
  }

  private async ask(farewell: Farewell): Promise<Outcome<unknown>> {
    try {
      return await farewell(this.deps.caller);
    } catch (error) {
      return { ok: false, error: { code: 'internal', message: String(error) } };
    }
  }

  private pause(waiting: Waiting, why: string): void {
    if (performance.now() + waiting.pause > waiting.givenUpAt) {
      this.settle(why);
      return;
    }
    setTimeout(() => {
      if (this.stopped) return;
      this.ready.add({ ...waiting, pause: Math.min(waiting.pause * 2, MAX_PAUSE_MS) });
      this.next();
    }, waiting.pause).unref();
  }

  private settle(failure: string | undefined): void {
    this.open -= 1;
    if (failure !== undefined && !this.stopped) this.deps.unsaid(1, failure);
  }
}

function mayPass(code: string): boolean {
  return code === 'unavailable' || code === 'timeout';
}
