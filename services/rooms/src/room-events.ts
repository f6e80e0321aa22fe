import type { PublishOutcome } from '@parley/bus';
import { fail, joinEnvelope, ok, roomEvent, type Outcome, type RoomEvent, type RoomId } from '@parley/contracts';
import { sampledTraceparent, type Logger } from '@parley/telemetry';
import type { Entry } from './room-document.js';
import { gaps } from './rooms.metrics.js';

/** Publishes an encoded event: `Bus.publishEncoded`, whose order of calls is the order of storing. */
export type Publish = (
  subject: string,
  data: Uint8Array,
  options: { readonly messageId: string; readonly deadlineMs: number; readonly traceparent?: string },
) => Promise<PublishOutcome>;

/** Long, so that what an outage holds up stays in order; what waits is bounded by `Backlog`. */
const PUBLISH_MS = 60_000;
const RETRY_MS = 200;

/** What all rooms of the process have committed and the bus has not acknowledged yet. */
export class Backlog {
  bytes = 0;
  events = 0;

  constructor(
    private readonly maxBytes = 64 * 2 ** 20,
    private readonly maxEvents = 4_000,
  ) {}

  get full(): boolean {
    return this.bytes >= this.maxBytes || this.events >= this.maxEvents;
  }
}

export interface RoomEventsParts {
  readonly roomId: RoomId;
  /** Another one for every room, also for one that has the id of a deleted one. */
  readonly incarnation: string;
  readonly publish: Publish;
  readonly backlog: Backlog;
  /** Is the room's shard still ours? */
  readonly ours: () => boolean;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** Operations up to this version are known to be announced. */
  readonly announced: number;
  /** Events of the stream up to this sequence are older than what is known of the room. */
  readonly position: number;
}

interface Underway {
  readonly data: Uint8Array;
  readonly messageId: string;
  /** The newest operation in it. */
  readonly version: number | undefined;
  readonly done: (() => void) | undefined;
  /** Of what it tells of, if that is recorded. */
  readonly trace: string | undefined;
  sent: boolean;
  /** Sequence in the stream, once it is acknowledged. */
  sequence: number | undefined;
}

interface Waiter {
  readonly last: Underway;
  readonly resolve: (position: Outcome<number, 'unavailable'>) => void;
}

const gone = fail('unavailable', 'The room has just moved to another server; try again.');

/**
 * The events of one room on their way, many at once and in order: when one fails, the others wait until it has gone
 * through. Named by the first version in them, so that a copy that the next owner sends changes nothing.
 */
export class RoomEvents {
  readonly #parts: RoomEventsParts;
  readonly #subject: string;
  #underway: Underway[] = [];
  #waiters: Waiter[] = [];
  #inFlight = 0;
  #stalled = false;
  #closed = false;
  #enqueued: number;
  #acknowledged: number;
  #position: number;
  #retry: NodeJS.Timeout | undefined;
  /** What was enqueued when a gap was told of last. */
  #gapAt: number | undefined;

  constructor(parts: RoomEventsParts) {
    this.#parts = parts;
    this.#subject = roomEvent.ingress(parts.roomId);
    this.#enqueued = parts.announced;
    this.#acknowledged = parts.announced;
    this.#position = parts.position;
  }

  /** Operations up to this version are on their way, or there. */
  get enqueued(): number {
    return this.#enqueued;
  }

  /** Operations up to this version are there. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  get idle(): boolean {
    return this.#underway.length === 0;
  }

  /** One event: operations that follow what is enqueued, without a gap. What is enqueued already is left out. */
  announce(entries: readonly Entry[]): void {
    const [first, last] = [entries[0], entries.at(-1)];
    if (first === undefined || last === undefined || last.version <= this.#enqueued) return;
    if (first.version !== this.#enqueued + 1) {
      this.#gap(first.version, last.version);
      return;
    }
    this.#enqueued = last.version;
    this.#add(encode(entries), `${this.#parts.incarnation}:${String(first.version)}`, last.version, undefined);
  }

  /** Something else, under a name of its own. `done`: the bus has it. */
  tell(event: Exclude<RoomEvent, { type: 'operations' }>, name: string, done?: () => void): void {
    this.#add(joinEnvelope(event), `${this.#parts.incarnation}:${name}`, undefined, done);
  }

  /** Resolves when everything enqueued so far is there, with the sequence of the last of it. */
  settled(): Promise<Outcome<number, 'unavailable'>> {
    const last = this.#underway.at(-1);
    if (this.#closed) return Promise.resolve(gone);
    if (last === undefined) return Promise.resolve(ok(this.#position));
    return new Promise((resolve) => this.#waiters.push({ last, resolve }));
  }

  /** The room is somebody else's now; what is on its way may still arrive. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const { data } of this.#underway) this.#release(data);
    this.#underway = [];
    for (const { resolve } of this.#waiters.splice(0)) resolve(gone);
  }

  #add(data: Uint8Array, messageId: string, version: number | undefined, done: (() => void) | undefined): void {
    if (this.#closed) return;
    const trace = sampledTraceparent();
    const event: Underway = { data, messageId, version, done, trace, sent: false, sequence: undefined };
    this.#parts.backlog.bytes += data.length;
    this.#parts.backlog.events++;
    this.#underway.push(event);
    if (!this.#stalled) this.#send(event);
  }

  /** All that follow in the room fail in the same way until its document is read anew, so it is told of once. */
  #gap(first: number, last: number): void {
    gaps.add(1);
    if (this.#gapAt === this.#enqueued) return;
    this.#gapAt = this.#enqueued;
    const { roomId, logger } = this.#parts;
    const versions = { announced: this.#enqueued, first, last };
    logger.error({ roomId, ...versions }, 'operations are not announced, because there is a gap before them');
  }

  #send(event: Underway): void {
    event.sent = true;
    this.#inFlight++;
    void this.#publish(event).then((outcome) => {
      this.#inFlight--;
      if (!this.#closed) this.#answered(event, outcome);
    });
  }

  async #publish({ data, messageId, trace }: Underway): Promise<PublishOutcome> {
    const traced = trace === undefined ? {} : { traceparent: trace };
    try {
      return await this.#parts.publish(this.#subject, data, { messageId, deadlineMs: PUBLISH_MS, ...traced });
    } catch (error) {
      const { roomId, logger } = this.#parts;
      if (!this.#stalled) logger.error({ err: error, roomId }, 'publishing an event of a room threw');
      return fail('unavailable', 'It could not be sent.');
    }
  }

  #answered(event: Underway, outcome: PublishOutcome): void {
    const { roomId, logger } = this.#parts;
    if (outcome.ok) {
      event.sequence = outcome.value.sequence;
    } else if (outcome.error.code === 'internal') {
      // It can never be sent. Clients see the gap in the versions and fetch the document anew.
      logger.error({ roomId, messageId: event.messageId }, 'an event of a room is given up');
      event.sequence = 0;
    } else {
      if (!this.#stalled) logger.warn({ roomId, error: outcome.error }, 'events of a room wait for the bus');
      event.sent = false;
      this.#stalled = true;
    }
    this.#advance();
    if (this.#stalled && this.#inFlight === 0) this.#retry = setTimeout(() => this.#resume(), RETRY_MS).unref();
  }

  #advance(): void {
    for (let head = this.#underway[0]; head?.sequence !== undefined; head = this.#underway[0]) {
      this.#underway.shift();
      this.#release(head.data);
      this.#position = Math.max(this.#position, head.sequence);
      if (head.version !== undefined) this.#acknowledged = head.version;
      head.done?.();
      while (this.#waiters[0]?.last === head) this.#waiters.shift()?.resolve(ok(this.#position));
    }
  }

  #resume(): void {
    // What our successor finds in the log it announces itself.
    if (this.#closed || !this.#parts.ours()) return;
    this.#stalled = false;
    for (const event of this.#underway) if (!event.sent) this.#send(event);
  }

  #release(data: Uint8Array): void {
    this.#parts.backlog.bytes -= data.length;
    this.#parts.backlog.events--;
  }
}

function encode(entries: readonly Entry[]): Uint8Array {
  const bodies = entries.map(({ text }) => Buffer.from(text));
  const operations = entries.map(({ baseVersion, version, tag }, index) => ({
    id: tag.id,
    userId: tag.userId,
    connectionId: tag.connectionId,
    baseVersion,
    version,
    length: bodies[index]?.length ?? 0,
  }));
  const event: RoomEvent = { type: 'operations', operations };
  return joinEnvelope(event, Buffer.concat(bodies));
}
