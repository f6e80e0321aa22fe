import type { ReadOptions, ReadResult, ReceivedEvent } from '@parley/bus';
import { streams, type Outcome, type StreamName } from '@parley/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

export interface GapRepairDeps {
  readonly stream: StreamName;
  read(options: ReadOptions): Promise<Outcome<ReadResult>>;
  position(): Promise<Outcome<number>>;
  /** Another value: the stream was made anew and counts from 1 again. As of the last `position`. */
  epoch(): string;
  /** What this pod listens to on the stream now. */
  subjects(): readonly string[];
  /** The position from which a subject has been listened to; undefined while that is being found out. */
  floorOf(subject: string): number | undefined;
  deliver(event: ReceivedEvent, repaired: boolean): void;
  /** Events are gone for good: whoever listens there has to start afresh. Undefined: anyone on the stream. */
  lost(subject: string | undefined, why: string): void;
  repaired(events: number): void;
  /** A hole, or a reconnect that may be one. */
  gapFound?(): void;
  /** Nothing is missing behind it any more. */
  gapRepaired?(): void;
  /** Messages kept per subject; as many missed at once may be more than are left. */
  readonly keptPerSubject: number;
}

interface Gap {
  readonly subject: string;
  readonly after: number;
}

const PAGE = 500;
/** More subjects than this are read in one go and sorted out here. */
const MAX_SEPARATE_READS = 32;
const MAX_HELD = 100_000;
const MAX_HELD_BYTES = 256 * 1024 * 1024;
const MAX_TRACKED_SUBJECTS = 100_000;
const GIVE_UP_AFTER_MS = 60_000;

/**
 * One stream as this pod hears it: each event once, in order per subject, without holes. Every republished event names the
 * one before it on its subject, so a hole shows at once; a reconnect to the bus is treated as one. While what was missed
 * is being read, everything newer on the stream waits.
 */
export class GapRepair {
  /** The last sequence seen per subject. */
  private readonly seen = new Map<string, number>();
  private highest = 0;
  /** Subjects that are not in `seen` have been heard up to here. */
  private baseline = 0;
  private held: ReceivedEvent[] | undefined;
  private heldBytes = 0;
  private reconnectedMeanwhile = false;
  private epoch: string;
  /** Times that something was lost for good. */
  private losses = 0;

  constructor(private readonly deps: GapRepairDeps) {
    this.epoch = deps.epoch();
  }

  /** Everything up to here has been heard, on every subject listened to by then. */
  get lastSeen(): number {
    return this.highest;
  }

  accept(event: ReceivedEvent): void {
    if (this.held === undefined) {
      const gap = this.take(event);
      if (gap !== undefined) this.catchUp([gap], [event]);
    } else if (this.held.length < MAX_HELD && this.heldBytes < MAX_HELD_BYTES) {
      this.held.push(event);
      this.heldBytes += event.data.length;
    } else {
      this.held.length = 0;
      this.heldBytes = 0;
      this.lose(undefined, 'too many events came while earlier ones were read again');
    }
  }

  /** The bus is back after a disconnect: whatever was published meanwhile has not been heard. */
  reconnected(): void {
    if (this.held !== undefined) {
      this.reconnectedMeanwhile = true;
      return;
    }
    const subjects = this.deps.subjects();
    if (subjects.length === 0) return;
    const wanted = subjects.length <= MAX_SEPARATE_READS ? subjects : [streams[this.deps.stream].republish];
    const after = Math.max(this.highest, this.lowestFloor(subjects));
    this.catchUp(
      wanted.map((subject) => ({ subject, after })),
      [],
    );
  }

  /** Nobody listens to it any more. */
  forget(subject: string): void {
    this.seen.delete(subject);
  }

  private lose(subject: string | undefined, why: string): void {
    this.losses += 1;
    this.deps.lost(subject, why);
  }

  private floorOf(subject: string): number | undefined {
    const floor = this.deps.floorOf(subject);
    return floor === undefined ? undefined : Math.max(floor, this.baseline);
  }

  private lowestFloor(subjects: readonly string[]): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const subject of subjects) lowest = Math.min(lowest, this.deps.floorOf(subject) ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(lowest) ? lowest : 0;
  }

  /** Delivers it, drops it as a copy, or says what is missing before it. */
  private take(event: ReceivedEvent): Gap | undefined {
    const known = this.seen.get(event.subject);
    if (known !== undefined && event.sequence <= known) return undefined;
    const after = known ?? this.floorOf(event.subject);
    if (after !== undefined && event.previous > after) return { subject: event.subject, after };
    this.advance(event);
    this.deps.deliver(event, false);
    return undefined;
  }

  private advance(event: ReceivedEvent): void {
    if (this.seen.size >= MAX_TRACKED_SUBJECTS && !this.seen.has(event.subject)) {
      this.seen.clear();
      this.baseline = this.highest;
    }
    this.seen.set(event.subject, event.sequence);
    if (event.sequence > this.highest) this.highest = event.sequence;
  }

  private catchUp(gaps: readonly Gap[], held: ReceivedEvent[]): void {
    this.held = held;
    this.heldBytes = held.reduce((bytes, event) => bytes + event.data.length, 0);
    this.deps.gapFound?.();
    const before = this.losses;
    this.repair(gaps, held).then(
      () => {
        if (this.losses === before) this.deps.gapRepaired?.();
        this.finished();
      },
      (error: unknown) => {
        this.lose(undefined, error instanceof Error ? error.message : 'repair failed');
        this.finished();
      },
    );
  }

  private finished(): void {
    this.held = undefined;
    this.heldBytes = 0;
    if (!this.reconnectedMeanwhile) return;
    this.reconnectedMeanwhile = false;
    this.reconnected();
  }

  private async repair(first: readonly Gap[], held: ReceivedEvent[]): Promise<void> {
    const position = await this.persist(() => this.deps.position());
    if (this.deps.epoch() !== this.epoch) {
      this.startAfresh(position);
      return;
    }
    let gaps = first;
    while (gaps.length > 0) {
      for (const gap of gaps) await this.readGap(gap);
      gaps = this.drain(held, gaps);
    }
  }

  /** The stream is another than before: its numbers mean nothing here any more. */
  private startAfresh(position: number): void {
    this.epoch = this.deps.epoch();
    this.seen.clear();
    this.highest = position;
    this.baseline = position;
    this.lose(undefined, 'the stream started anew');
  }

  /** Takes what was held, until it is empty or the next hole shows. */
  private drain(held: ReceivedEvent[], justRead: readonly Gap[]): readonly Gap[] {
    let taken = 0;
    let open: Gap | undefined;
    for (const event of held) {
      const gap = this.take(event);
      if (gap !== undefined && !justRead.some((one) => one.subject === gap.subject && one.after === gap.after)) {
        open = gap;
        break;
      }
      if (gap !== undefined) {
        // It was read and is still missing: the stream has it no more.
        this.advance(event);
        this.lose(event.subject, 'missed events are no longer kept');
      }
      taken += 1;
      this.heldBytes -= event.data.length;
    }
    held.splice(0, taken);
    return open === undefined ? [] : [open];
  }

  private async readGap(gap: Gap): Promise<void> {
    const counts = new Map<string, number>();
    let { after } = gap;
    let more = true;
    while (more) {
      const page = await this.persist(() =>
        this.deps.read({ stream: this.deps.stream, subject: gap.subject, after, limit: PAGE }),
      );
      for (const event of page.events) {
        after = event.sequence;
        if (event.sequence <= (this.seen.get(event.subject) ?? this.baseline)) continue;
        counts.set(event.subject, (counts.get(event.subject) ?? 0) + 1);
        this.advance(event);
        this.deps.deliver(event, true);
      }
      ({ more } = page);
      if (page.events.length === 0) break;
    }
    for (const [subject, count] of counts) {
      this.deps.repaired(count);
      if (count >= this.deps.keptPerSubject) this.lose(subject, 'more was missed than is kept');
    }
  }

  /** Tries until it works or the deadline has passed. */
  private async persist<T>(attempt: () => Promise<Outcome<T>>): Promise<T> {
    const deadline = Date.now() + GIVE_UP_AFTER_MS;
    for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
      const outcome = await attempt();
      if (outcome.ok) return outcome.value;
      if (Date.now() + wait > deadline) throw new Error(`the stream can't be read: ${outcome.error.message}`);
      await sleep(wait);
    }
  }
}
