import {
  fail,
  messages,
  ok,
  serverEvent,
  type ChannelId,
  type ErrorCode,
  type MessageId,
  type Outcome,
  type UserId,
} from '@parley/contracts';
import { inTrace, sampledTraceparent, withBatchSpan } from '@parley/telemetry';
import type { Trx } from '../messaging.tables.js';
import type { Announce, ChatWrites } from './chat-writes.js';
import { chatBatches } from './chat.metrics.js';
import { MessageBatch } from './message-batch.js';
import { insertMessages, messagesById, updateMessages, writersOf } from './message.repository.js';

/** One verb on a channel's messages. */
export interface MessageWrite<T, E extends ErrorCode> {
  readonly channelId: ChannelId;
  readonly actorId: UserId;
  /** The existing message that it is about. */
  readonly messageId?: MessageId | undefined;
  apply(batch: MessageBatch): Outcome<T, E>;
}

interface Waiting {
  readonly write: Pick<MessageWrite<unknown, never>, 'channelId' | 'actorId' | 'messageId'>;
  readonly since: number;
  /** Of the request, if it is recorded. */
  readonly trace: string | undefined;
  /** Returns what to call when the batch is committed. */
  readonly apply: (batch: MessageBatch) => () => void;
  readonly refuse: (refusal: Outcome<never, 'unavailable' | 'timeout'>) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes of one transaction. */
const MAX_BATCH = 200;
/** Of one shard; more are refused. The bus hands over far fewer at once. */
const MAX_WAITING = 4_096;
/** Messages of one shard that may be committed while earlier ones still wait to be announced. */
const MAX_UNANNOUNCED = 1_000;
const DEADLINE_MS = messages.post.deadlineMs;

/**
 * Group commit: while a transaction of a shard is under way, writes gather, and the next transaction takes them all, in
 * the order in which they came. One that finds its shard idle waits for nobody.
 */
export class MessageWriter {
  readonly #queues = new Map<number, Waiting[]>();
  /** Committed since everything was known to be announced, per shard. */
  readonly #unannounced = new Map<number, number>();

  constructor(
    private readonly writes: ChatWrites,
    private readonly now: () => number = Date.now,
  ) {}

  submit<T, E extends ErrorCode>(
    shard: number,
    write: MessageWrite<T, E>,
  ): Promise<Outcome<T, E | 'unavailable' | 'timeout'>> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        write,
        since: performance.now(),
        trace: sampledTraceparent(),
        apply: (batch) => {
          const outcome = write.apply(batch);
          return () => {
            resolve(outcome);
          };
        },
        refuse: resolve,
        reject,
      };
      this.#enqueue(shard, waiting);
    });
  }

  #enqueue(shard: number, waiting: Waiting): void {
    const queue = this.#queues.get(shard);
    if (queue === undefined) {
      const started = [waiting];
      this.#queues.set(shard, started);
      void this.#work(shard, started);
    } else if (queue.length < MAX_WAITING) {
      queue.push(waiting);
    } else {
      waiting.refuse(fail('unavailable', 'Too many messages wait to be stored.'));
    }
  }

  /** A shard has a queue as long as it is worked on. */
  async #work(shard: number, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      await this.#keepPace(shard);
      const batch = queue.splice(0, MAX_BATCH);
      try {
        await this.#commit(shard, batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#queues.delete(shard);
  }

  /** Messages can be committed faster than the bus takes them; what waits in between stays bounded. */
  async #keepPace(shard: number): Promise<void> {
    if ((this.#unannounced.get(shard) ?? 0) < MAX_UNANNOUNCED) return;
    await this.writes.caughtUp(shard);
    this.#unannounced.delete(shard);
  }

  async #commit(shard: number, taken: readonly Waiting[]): Promise<void> {
    const oldest = performance.now() - DEADLINE_MS;
    const [batch, late] = [taken.filter(({ since }) => since >= oldest), taken.filter(({ since }) => since < oldest)];
    // Nobody waits for their answer any more.
    for (const { refuse } of late) refuse(fail('timeout', 'The message waited too long to be stored.'));
    if (batch.length === 0) return;
    chatBatches.record(batch.length);
    this.#unannounced.set(shard, (this.#unannounced.get(shard) ?? 0) + batch.length);
    const done = await withBatchSpan(
      'messages.commit',
      batch.map(({ trace }) => trace),
      () => ({ 'parley.batch.size': batch.length }),
      () => this.writes.run(shard, (trx, announce) => this.#write(trx, announce, batch)),
    );
    if (!done.ok) for (const { refuse } of batch) refuse(done);
    else for (const settle of done.value) settle();
  }

  async #write(trx: Trx, announce: Announce, batch: readonly Waiting[]) {
    const writes = batch.map(({ write }) => write);
    const named = writes.flatMap(({ messageId }) => (messageId === undefined ? [] : [messageId]));
    const state = new MessageBatch(await writersOf(trx, writes), await messagesById(trx, named), this.now());
    const traces: (string | undefined)[] = [];
    const settles = batch.map((waiting) => {
      const settle = waiting.apply(state);
      while (traces.length < state.events.length) traces.push(waiting.trace);
      return settle;
    });
    await insertMessages(trx, state.added);
    await updateMessages(trx, [...state.changed.values()]);
    for (const [index, { serverId, event, messageId }] of state.events.entries()) {
      inTrace(traces[index], () => {
        announce(serverEvent, serverId, event, messageId);
      });
    }
    return ok(settles);
  }
}
