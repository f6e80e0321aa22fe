/** A deadline that can be moved or dropped. */
export interface WheelTimer {
  cancel(): void;
}

class Entry implements WheelTimer {
  slot: Set<Entry> | undefined;

  constructor(
    readonly due: number,
    readonly fire: () => void,
  ) {}

  cancel(): void {
    this.slot?.delete(this);
    this.slot = undefined;
  }
}

const TICK_MS = 100;
const SLOTS = 512;

/**
 * One interval for all heartbeats and deadlines of a gateway instead of a timer per socket. Precise to one tick (100 ms),
 * never early. A deadline further away than one turn (51 s) waits for its turn in the slot where it will be due.
 */
export class TimingWheel {
  private readonly slots: readonly Set<Entry>[] = Array.from({ length: SLOTS }, () => new Set<Entry>());
  private ticks: number;
  private readonly interval: NodeJS.Timeout;

  constructor(private readonly now: () => number = Date.now) {
    this.ticks = Math.floor(now() / TICK_MS);
    this.interval = setInterval(() => {
      this.advance();
    }, TICK_MS);
    this.interval.unref();
  }

  at(due: number, fire: () => void): WheelTimer {
    const entry = new Entry(due, fire);
    this.place(entry);
    return entry;
  }

  after(ms: number, fire: () => void): WheelTimer {
    return this.at(this.now() + ms, fire);
  }

  stop(): void {
    clearInterval(this.interval);
    for (const slot of this.slots) slot.clear();
  }

  /** Fires what is due; the interval calls it, tests may. */
  advance(): void {
    const target = Math.floor(this.now() / TICK_MS);
    // After a long pause one turn visits every slot; more would visit them again for nothing.
    if (target - this.ticks > SLOTS) this.ticks = target - SLOTS;
    while (this.ticks < target) {
      this.ticks += 1;
      this.fireSlot(this.slots[this.ticks % SLOTS], this.ticks);
    }
  }

  private fireSlot(slot: Set<Entry> | undefined, tick: number): void {
    if (slot === undefined) return;
    for (const entry of slot) {
      if (tickOf(entry.due) > tick) continue;
      slot.delete(entry);
      entry.slot = undefined;
      entry.fire();
    }
  }

  private place(entry: Entry): void {
    const slot = this.slots[Math.max(tickOf(entry.due), this.ticks + 1) % SLOTS];
    entry.slot = slot;
    slot?.add(entry);
  }
}

/** The first tick at which a due time has passed. */
function tickOf(due: number): number {
  return Math.ceil(due / TICK_MS);
}
