import type { EmitCommand, Emitter } from '@parley/dialects';
import { inTrace } from '@parley/telemetry';
import { tracedEmit } from './traced-emit.js';

export interface Clock {
  /** ms, with fractions */
  now(): number;
  /** Calls once, this many whole ms from now. */
  after(ms: number, fire: () => void): { cancel(): void };
}

/** One key of one connection: published less than its pace ago. */
interface Slot<Owner> {
  readonly owner: Owner;
  readonly key: string;
  /** When it may be published again. */
  dueAt: number;
  /** What has come since; undefined: nothing. */
  newest: EmitCommand | undefined;
}

/** More keys of one connection at the same time are not passed on. */
const MAX_KEYS = 1_000;

const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, fire) => {
    // One timer for all must not run in the trace of whose turn it happened to be made in.
    const timer = inTrace(undefined, () => setTimeout(fire, ms).unref());
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};

/**
 * News of which only the newest counts, on its way out: at once, then at most once per pace of its key, the last one always.
 * Slots of one pace come due in the order in which they were published, so that a queue per pace and one timer for the first
 * of them serve any number of keys; the timer runs only while something was published within its pace.
 */
export class Coalescer<Owner> {
  private readonly slots = new Map<Owner, Map<string, Slot<Owner>>>();
  /** By pace, in order of coming due. Paces are constants of the dialects: there are a few. */
  private readonly paces = new Map<number, Set<Slot<Owner>>>();
  private pulse: { readonly at: number; readonly timer: { cancel(): void } } | undefined;

  constructor(
    private readonly emitter: Emitter,
    private readonly failed: (owner: Owner, error: unknown) => void,
    private readonly clock: Clock = systemClock,
  ) {}

  /** Throws what publishing throws when it is done at once. */
  emit(owner: Owner, command: EmitCommand): void {
    let mine = this.slots.get(owner);
    const slot = mine?.get(command.key);
    if (slot !== undefined) {
      slot.newest = tracedEmit(command);
      return;
    }
    if (mine === undefined) {
      mine = new Map();
      this.slots.set(owner, mine);
    }
    if (mine.size >= MAX_KEYS) return;
    const fresh: Slot<Owner> = {
      owner,
      key: command.key,
      dueAt: this.clock.now() + paceOf(command),
      newest: undefined,
    };
    mine.set(command.key, fresh);
    this.queue(fresh, paceOf(command));
    this.schedule();
    command.publish(this.emitter);
  }

  /** The connection is gone: what waits is nobody's news any more. */
  drop(owner: Owner): void {
    const mine = this.slots.get(owner);
    if (mine === undefined) return;
    this.slots.delete(owner);
    for (const slot of mine.values()) for (const queue of this.paces.values()) queue.delete(slot);
  }

  stop(): void {
    this.pulse?.timer.cancel();
    this.pulse = undefined;
    this.slots.clear();
    this.paces.clear();
  }

  private queue(slot: Slot<Owner>, everyMs: number): void {
    let queue = this.paces.get(everyMs);
    if (queue === undefined) {
      queue = new Set();
      this.paces.set(everyMs, queue);
    }
    queue.add(slot);
  }

  private schedule(): void {
    let first = Number.POSITIVE_INFINITY;
    for (const [head] of this.paces.values()) if (head !== undefined) first = Math.min(first, head.dueAt);
    if (this.pulse !== undefined) {
      if (this.pulse.at <= first) return;
      this.pulse.timer.cancel();
      this.pulse = undefined;
    }
    if (first === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(1, Math.ceil(first - this.clock.now()));
    const timer = this.clock.after(wait, () => {
      this.pulse = undefined;
      this.beat();
    });
    this.pulse = { at: first, timer };
  }

  private beat(): void {
    const now = this.clock.now();
    for (const queue of [...this.paces.values()]) {
      for (const slot of queue) {
        if (slot.dueAt > now) break;
        queue.delete(slot);
        this.comeDue(slot, now);
      }
    }
    this.schedule();
  }

  private comeDue(slot: Slot<Owner>, now: number): void {
    const { owner, key, newest } = slot;
    if (newest === undefined) {
      const mine = this.slots.get(owner);
      mine?.delete(key);
      if (mine?.size === 0) this.slots.delete(owner);
      return;
    }
    slot.newest = undefined;
    slot.dueAt = now + paceOf(newest);
    this.queue(slot, paceOf(newest));
    try {
      newest.publish(this.emitter);
    } catch (error) {
      this.failed(owner, error);
    }
  }
}

/** Timers know no less than 1 ms. */
function paceOf({ everyMs }: EmitCommand): number {
  return Math.max(1, everyMs);
}
