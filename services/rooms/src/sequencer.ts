import { fail, rooms } from '@parley/contracts';
import { isUniqueViolation, LeaseLost, attempt } from '@parley/database';
import { inTrace, sampledTraceparent, withBatchSpan } from '@parley/telemetry';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { insertOperations, versionsOf } from './operation.repository.js';
import { moved, noRoom } from './refusals.js';
import { StagedRoom, type Waiting } from './room-batch.js';
import { retryPause } from './retry-pause.js';
import type { Room } from './room.js';
import { batchSize, commits, commitSeconds, setbacks } from './rooms.metrics.js';
import type { SequencerParts } from './sequencer-parts.js';
import type { Submission, SubmitOutcome } from './submission.js';

/** Operations and bytes of one transaction, about. */
const MAX_BATCH = 500;
const MAX_BATCH_BYTES = 8 * 2 ** 20;
/** Operations may be dear to apply: after so long the rest waits for the next transaction, and timers get their turn. */
const MAX_STAGING_MS = 50;
/** Operations of one room; more are refused. */
const MAX_WAITING = 4_096;
const MAX_ATTEMPTS = 5;
const DEADLINE_MS = rooms.submit.deadlineMs;

const broken = fail('internal', 'Something went wrong.');

const sleepUnref = (ms: number): Promise<void> => wait(ms, undefined, { ref: false });

/** What is left of a transaction. */
interface Share {
  readonly operations: number;
  readonly bytes: number;
  /** By the monotonic clock. */
  readonly until: number;
}

interface Queue {
  waiting: Waiting[];
  /** Something is being read for it. */
  paused: boolean;
}

/**
 * One order per document, and one transaction for all: while a commit is under way, operations gather; the next takes
 * them, whatever documents they are of, stages them in the order in which they came, and writes them with one statement.
 * Memory follows what is durable, never the other way round.
 */
export class Sequencer {
  readonly #parts: SequencerParts;
  readonly #queues = new Map<Room, Queue>();
  /** Rooms whose first operation can be staged, in the order of their turns. */
  readonly #ready = new Set<Room>();
  readonly #between: (() => Promise<void>)[] = [];
  #working = false;

  constructor(parts: SequencerParts) {
    this.#parts = parts;
  }

  submit(room: Room, submission: Submission): Promise<SubmitOutcome> {
    return new Promise((answer) => {
      const queue = this.#queues.get(room) ?? { waiting: [], paused: false };
      if (room.closed !== undefined) answer(room.closed === 'removed' ? noRoom : moved);
      else if (this.#parts.backlog.full) answer(fail('queue_full', 'Too many operations wait to be announced.'));
      else if (queue.waiting.length >= MAX_WAITING)
        answer(fail('queue_full', 'Too many operations wait for this room.'));
      else {
        const trace = sampledTraceparent();
        queue.waiting.push({ submission, since: performance.now(), trace, answer, attempts: 0, deepened: false });
        this.#queues.set(room, queue);
        this.#wake(room, queue);
      }
    });
  }

  /** Is there something of it that is not answered yet? */
  busy(room: Room): boolean {
    return this.#queues.has(room);
  }

  /** Runs it while no commit is under way. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#between.push(() => Promise.resolve().then(work).then(resolve, reject));
      this.#start();
    });
  }

  /** Nobody waits for this room any more. */
  refuseAll(room: Room, outcome: SubmitOutcome): void {
    const waiting = this.#queues.get(room)?.waiting.splice(0) ?? [];
    for (const { answer } of waiting) answer(outcome);
  }

  #wake(room: Room, queue: Queue): void {
    if (queue.paused || queue.waiting.length === 0) return;
    if (room.document === undefined) {
      this.#pause(room, queue, () => this.#load(room, queue));
      return;
    }
    this.#ready.add(room);
    this.#start();
  }

  /** Keeps the room's operations back until `work` is done. It answers why they cannot go on. */
  #pause(room: Room, queue: Queue, work: () => Promise<SubmitOutcome | undefined>): void {
    queue.paused = true;
    this.#ready.delete(room);
    void work()
      .catch((error: unknown) => {
        this.#parts.logger.error({ err: error, roomId: room.id }, 'a document could not be prepared');
        return broken;
      })
      .then((refusal) => {
        queue.paused = false;
        if (refusal !== undefined) this.refuseAll(room, refusal);
        this.#wake(room, queue);
        this.#tidy(room, queue);
      });
  }

  async #load(room: Room, queue: Queue): Promise<SubmitOutcome | undefined> {
    const loaded = await this.#parts.documents.load(room);
    if (!loaded.ok) return loaded;
    const again = queue.waiting.filter(({ attempts }) => attempts > 0).map(({ submission }) => submission.author.id);
    if (again.length === 0) return undefined;
    const found = await attempt(() => versionsOf(this.#parts.database.kysely, room.id, again));
    if (!found.ok) return found;
    loaded.value.found(found.value);
    return undefined;
  }

  #start(): void {
    if (this.#working) return;
    this.#working = true;
    // Whoever starts it, it works for all.
    void inTrace(undefined, () => this.#work());
  }

  async #work(): Promise<void> {
    try {
      while (this.#isDue) await this.#round();
    } catch (error) {
      this.#parts.logger.error({ err: error }, 'a batch of operations was cut off');
    } finally {
      this.#working = false;
    }
    if (this.#isDue) this.#start();
  }

  get #isDue(): boolean {
    return this.#ready.size > 0 || this.#between.length > 0;
  }

  async #round(): Promise<void> {
    for (const work of this.#between.splice(0)) await work();
    // What came in with the same read of the socket goes into the same batch.
    await nextTurn();
    const taken = this.#take();
    const staged = taken.filter(({ entries }) => entries.length > 0);
    for (const one of taken) if (one.entries.length === 0) one.commit();
    if (staged.length > 0) await this.#commitTraced(staged);
    for (const { room } of taken) this.#goOn(room);
  }

  /** A part of what waits, from every room its share. */
  #take(): StagedRoom[] {
    const taken: StagedRoom[] = [];
    let [operations, bytes] = [0, 0];
    const until = performance.now() + MAX_STAGING_MS;
    for (const room of this.#ready) {
      if (operations >= MAX_BATCH || bytes >= MAX_BATCH_BYTES || performance.now() > until) break;
      this.#ready.delete(room);
      const [queue, document] = [this.#queues.get(room), room.document];
      if (queue === undefined) continue;
      if (document === undefined) {
        this.#wake(room, queue);
        continue;
      }
      const staged = new StagedRoom(room, document, (error) => {
        this.#parts.logger.warn({ err: error, roomId: room.id }, 'an operation made its library throw');
      });
      taken.push(staged);
      const left = { operations: MAX_BATCH - operations, bytes: MAX_BATCH_BYTES - bytes, until };
      const spent = this.#fill(staged, queue, left);
      operations += spent.operations;
      bytes += spent.bytes;
    }
    return taken;
  }

  #fill(staged: StagedRoom, queue: Queue, left: Share) {
    const oldest = performance.now() - DEADLINE_MS;
    let [count, bytes] = [0, 0];
    let looked = 0;
    for (const waiting of queue.waiting) {
      if (count >= left.operations || bytes >= left.bytes || performance.now() > left.until) break;
      // Of those that are staged anew the log has been asked; one that came later may fail them all once more.
      if (waiting.attempts === 0 && (staged.taken[0]?.attempts ?? 0) > 0) break;
      if (waiting.since < oldest) {
        waiting.answer(fail('timeout', 'The operation waited too long.'));
      } else if (!staged.add(waiting)) {
        waiting.deepened = true;
        break;
      }
      looked++;
      count++;
      bytes += staged.entries.at(-1)?.text.length ?? 0;
    }
    queue.waiting.splice(0, looked);
    return { operations: count, bytes };
  }

  #goOn(room: Room): void {
    const queue = this.#queues.get(room);
    if (queue === undefined || queue.paused) return;
    const [next] = queue.waiting;
    const old = next?.deepened === true ? next.submission : undefined;
    if (old !== undefined && room.document !== undefined && old.baseVersion < room.document.oldestVersion) {
      this.#pause(room, queue, () => this.#deepen(room, old));
      return;
    }
    this.#wake(room, queue);
    this.#tidy(room, queue);
  }

  /** An operation so old may be one that is sent again: then the log has it, and need not be read. */
  async #deepen(room: Room, { author, baseVersion }: Submission): Promise<SubmitOutcome | undefined> {
    const found = await attempt(() => versionsOf(this.#parts.database.kysely, room.id, [author.id]));
    if (!found.ok) return found;
    room.document?.found(found.value);
    if (found.value.length > 0) return undefined;
    const deepened = await this.#parts.documents.deepen(room, baseVersion);
    return deepened.ok ? undefined : deepened;
  }

  #tidy(room: Room, queue: Queue): void {
    if (!queue.paused && queue.waiting.length === 0) this.#queues.delete(room);
  }

  #commitTraced(staged: readonly StagedRoom[]): Promise<void> {
    return withBatchSpan(
      'operations.commit',
      staged.flatMap(({ taken }) => taken.map(({ trace }) => trace)),
      () => ({ 'parley.batch.size': staged.reduce((sum, { entries }) => sum + entries.length, 0) }),
      () => this.#commit(staged),
    );
  }

  /** All in one transaction; when that fails, each document in its own, so that none suffers from another. */
  async #commit(staged: readonly StagedRoom[]): Promise<void> {
    const startedAt = performance.now();
    batchSize.record(staged.reduce((sum, { entries }) => sum + entries.length, 0));
    if (staged.length > 1 && (await this.#write(staged).catch(() => false))) {
      for (const one of staged) this.#done(one);
    } else {
      for (const one of staged) await this.#commitAlone(one);
    }
    commitSeconds.record((performance.now() - startedAt) / 1_000);
  }

  async #commitAlone(staged: StagedRoom): Promise<void> {
    try {
      const written = await attempt(async () => {
        if (!(await this.#write([staged]))) throw new LeaseLost(staged.room.shard);
      });
      if (written.ok) this.#done(staged);
      else this.#failed(staged, written);
    } catch (error) {
      if (isUniqueViolation(error)) {
        this.#stageAgain(staged);
        return;
      }
      this.#parts.logger.error({ err: error, roomId: staged.room.id }, 'operations could not be written');
      this.#failed(staged, broken);
    }
  }

  async #write(staged: readonly StagedRoom[]): Promise<boolean> {
    const shards = [...new Set(staged.map(({ room }) => room.shard))];
    const unmarked = staged.filter(({ room }) => !room.marked).map(({ room }) => room.id);
    const fence = this.#parts.leases.fenceQuery(shards);
    const batches = staged.map((one) => one.batch());
    const written = await insertOperations(this.#parts.database, batches, unmarked, fence, shards.length);
    if (written) commits.add(1);
    return written;
  }

  #done(staged: StagedRoom): void {
    try {
      staged.commit();
      this.#parts.documents.touch(staged.room);
      this.#parts.committed(staged.room);
    } catch (error) {
      this.#parts.logger.error({ err: error, roomId: staged.room.id }, 'what is written could not be told of');
      this.#failed(staged, broken);
    }
  }

  /** Whether it was written is not known. Memory is made anew from the log, which also announces what it finds there. */
  #failed(staged: StagedRoom, outcome: SubmitOutcome): void {
    setbacks.add(1, { reason: outcome.ok ? 'none' : outcome.error.code });
    const { room } = staged;
    staged.rollback();
    this.#parts.documents.drop(room);
    staged.refuse(outcome);
    const queue = this.#queues.get(room);
    if (queue !== undefined && !queue.paused) this.#pause(room, queue, () => this.#reload(room, queue));
  }

  /** Until the log can be read, or the room is somebody else's. */
  async #reload(room: Room, queue: Queue): Promise<SubmitOutcome | undefined> {
    const { leases, sleep = sleepUnref } = this.#parts;
    for (let failures = 1; ; failures++) {
      if (room.closed !== undefined || !leases.holds(room.shard)) return moved;
      const refusal = await this.#load(room, queue);
      if (refusal === undefined || refusal.ok) return refusal;
      const { code } = refusal.error;
      if (code !== 'unavailable' && code !== 'timeout') return refusal;
      this.refuseAll(room, refusal);
      await sleep(retryPause(failures));
    }
  }

  /** Somebody else has written this version, or this id: what the log says counts. */
  #stageAgain(staged: StagedRoom): void {
    setbacks.add(1, { reason: 'conflict' });
    const { room } = staged;
    staged.rollback();
    this.#parts.documents.drop(room);
    const queue = this.#queues.get(room);
    for (const waiting of staged.taken) waiting.attempts++;
    const [again, given] = [
      staged.taken.filter(({ attempts }) => attempts < MAX_ATTEMPTS),
      staged.taken.filter(({ attempts }) => attempts >= MAX_ATTEMPTS),
    ];
    for (const { answer } of given) answer(fail('unavailable', 'The room changes too fast; try again.'));
    if (queue === undefined) return;
    queue.waiting.unshift(...again);
    for (const waiting of again) waiting.deepened = false;
  }
}
