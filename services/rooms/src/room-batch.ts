import { fail } from '@parley/contracts';
import { inTrace } from '@parley/telemetry';
import { cutIntoEvents } from './event-batches.js';
import type { RoomBatch } from './operation.repository.js';
import type { Entry, RoomDocument } from './room-document.js';
import type { Room } from './room.js';
import { stageSubmission, type Submission, type SubmitOutcome } from './submission.js';

/** A submission that waits for its turn. */
export interface Waiting {
  readonly submission: Submission;
  /** By the monotonic clock. */
  readonly since: number;
  /** Of the request, if it is recorded. */
  readonly trace: string | undefined;
  readonly answer: (outcome: SubmitOutcome) => void;
  /** How often its batch had to be staged anew. */
  attempts: number;
  /** The document has been asked to keep more for it. */
  deepened: boolean;
}

/** What one transaction will do to one document. */
export class StagedRoom {
  readonly entries: Entry[] = [];
  /** All that were looked at, those that are refused too, in order. */
  readonly taken: Waiting[] = [];
  readonly #outcomes: SubmitOutcome[] = [];
  #events: Entry[][] = [];
  /** Of operations whose requests are recorded, by version. */
  readonly #traces = new Map<number, string>();

  constructor(
    readonly room: Room,
    readonly document: RoomDocument,
    private readonly thrown: (error: unknown) => void,
  ) {}

  /** False when the document has to keep more for it first. */
  add(waiting: Waiting): boolean {
    const outcome = this.#stage(waiting);
    if (outcome === 'deepen') return false;
    this.taken.push(waiting);
    this.#outcomes.push(outcome);
    return true;
  }

  /** Bytes of operations that will be written. */
  get bytes(): number {
    return this.entries.reduce((sum, { text }) => sum + text.length, 0);
  }

  /** As it is written. */
  batch(): RoomBatch {
    this.#events = cutIntoEvents(this.entries);
    const events = this.#events.flatMap((event) => event.map(() => event[0]?.version ?? 0));
    return { roomId: this.room.id, entries: this.entries, events };
  }

  /** It is durable: the document has it, the others are told, those who wait get their answers. */
  commit(): void {
    if (this.entries.length > 0) {
      this.document.commit();
      this.room.marked = true;
      for (const event of this.#events) {
        inTrace(this.#traceOf(event), () => {
          this.room.events.announce(event);
        });
      }
    }
    this.taken.forEach(({ answer }, index) => {
      answer(this.#outcomes[index] ?? fail('internal', 'Something went wrong.'));
    });
  }

  /** Nothing of it has happened. */
  rollback(): void {
    this.document.rollback();
  }

  refuse(outcome: SubmitOutcome): void {
    for (const { answer } of this.taken) answer(outcome);
  }

  /** An event of several operations is of the first recorded one's trace. */
  #traceOf(event: readonly Entry[]): string | undefined {
    if (this.#traces.size === 0) return undefined;
    for (const { version } of event) {
      const trace = this.#traces.get(version);
      if (trace !== undefined) return trace;
    }
    return undefined;
  }

  #stage({ submission, trace, deepened }: Waiting) {
    try {
      const before = this.document.stagedEntries.length;
      const outcome = stageSubmission(this.room, this.document, submission, !deepened);
      const staged = this.document.stagedEntries[before];
      if (staged !== undefined) {
        this.entries.push(staged);
        if (trace !== undefined) this.#traces.set(staged.version, trace);
      }
      return outcome;
    } catch (error) {
      this.thrown(error);
      return fail('invalid', 'The operation cannot be applied.', { field: 'operation' });
    }
  }
}
