import { compile, fail, ok } from '@parley/contracts';
import type { Msg, MsgHdrs } from '@nats-io/transport-node';
import { Type } from '@sinclair/typebox';
import type { Link } from './link.js';
import type { PublishOutcome } from './bus.js';
import type { Gone, Requests } from './requests.js';
import { backoff, sleep } from './sleep.js';
import { parse } from './wire.js';

const ATTEMPT_MS = 1_000;
const WINDOW = 2_048;
const MAX_BACKOFF_MS = 200;

const Ack = Type.Object({ stream: Type.String(), seq: Type.Integer(), duplicate: Type.Optional(Type.Boolean()) });
const Refusal = Type.Object({
  error: Type.Object({ code: Type.Integer(), err_code: Type.Optional(Type.Integer()), description: Type.String() }),
});
const ackCheck = compile(Ack);
const refusalCheck = compile(Refusal);

interface Publication {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: MsgHdrs;
  readonly deadlineAt: number;
  /** Place in the order of the calls. */
  readonly place: number;
  readonly resolve: (outcome: PublishOutcome) => void;
  attempts: number;
}

type Answer = PublishOutcome | 'again';

/**
 * Publications into one stream, many in flight at once, sent again under the same message id until they are
 * acknowledged or their time is over.
 *
 * Order: as long as all goes well they are stored in the order of the calls. When one fails, nothing new is sent until
 * every other one in flight has its answer; then those that failed go first, in their order, the first of them alone, as
 * a probe, until it succeeds. So a restart of NATS does not turn the order round. (What is left: a stream that refuses
 * one message and takes the next one in flight. Who cannot bear that waits for each before the next.)
 */
export class PublishQueue {
  private readonly waiting: Publication[] = [];
  private readonly failed: Publication[] = [];
  private readonly idle: (() => void)[] = [];
  private inFlight = 0;
  private places = 0;
  private mending = false;

  constructor(
    private readonly link: Link,
    private readonly requests: Requests,
    private readonly maxWaiting: number,
  ) {}

  /** Publications that are not acknowledged yet. */
  get size(): number {
    return this.inFlight + this.waiting.length + this.failed.length;
  }

  add(subject: string, data: Uint8Array, headers: MsgHdrs, deadlineAt: number): Promise<PublishOutcome> {
    // It could never be sent, and would hold up all the others while it is tried.
    if (!this.link.takes(data.length)) {
      this.link.logger.error({ subject, bytes: data.length }, 'an event is larger than NATS takes');
      return Promise.resolve(fail('internal', 'The event is larger than NATS takes.'));
    }
    if (this.size >= this.maxWaiting) {
      return Promise.resolve(fail('unavailable', 'Too many events wait to be published.'));
    }
    return new Promise((resolve) => {
      const place = ++this.places;
      const publication = { subject, data, headers, deadlineAt, place, resolve, attempts: 0 };
      if (this.isOpen()) this.send(publication);
      else {
        this.waiting.push(publication);
        if (this.link.status !== 'connected') this.mend();
      }
    });
  }

  async settled(): Promise<void> {
    if (this.size === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private isOpen(): boolean {
    const clear = !this.mending && this.waiting.length === 0;
    return clear && this.inFlight < WINDOW && this.link.status === 'connected';
  }

  private send(publication: Publication): void {
    this.inFlight++;
    publication.attempts++;
    const { subject, data, headers, deadlineAt } = publication;
    // At least a moment, so that the last attempt is not over before it began.
    const attemptAt = Math.max(Math.min(deadlineAt, performance.now() + ATTEMPT_MS), performance.now() + 50);
    this.requests.ask(subject, data, headers, attemptAt, (answer) => {
      this.inFlight--;
      this.finish(publication, this.judge(publication, answer));
    });
  }

  private finish(publication: Publication, answer: Answer): void {
    if (answer !== 'again') {
      publication.resolve(answer);
    } else {
      this.failed.push(publication);
      this.mend();
    }
    this.proceed();
  }

  private proceed(): void {
    while (!this.mending && this.inFlight < WINDOW && this.link.status === 'connected') {
      const next = this.waiting.shift();
      if (next === undefined) break;
      this.send(next);
    }
    if (this.size === 0) {
      for (const resolve of this.idle.splice(0)) resolve();
    }
  }

  private mend(): void {
    if (this.mending) return;
    this.mending = true;
    void this.repair();
  }

  /** Until the first of what failed goes through; the rest follows it. */
  private async repair(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      await this.quiet();
      this.takeBack();
      this.dropLate();
      const first = this.waiting[0];
      if (first === undefined) break;
      const connected = await this.link.whenConnected(first.deadlineAt - performance.now());
      if (!connected || first.deadlineAt <= performance.now()) continue;
      if (this.waiting[0] !== first) continue;
      this.waiting.shift();
      if (first.attempts > 0) this.link.metrics.retried('publish');
      this.send(first);
      await this.quiet();
      if (this.failed.length === 0) break;
      await sleep(backoff(attempt, MAX_BACKOFF_MS));
    }
    this.mending = false;
    this.proceed();
  }

  /** Nothing in flight. Each attempt has a deadline, so this comes. */
  private async quiet(): Promise<void> {
    while (this.inFlight > 0) await sleep(2);
  }

  private takeBack(): void {
    if (this.failed.length === 0) return;
    this.waiting.unshift(...this.failed.splice(0).sort((a, b) => a.place - b.place));
  }

  private dropLate(): void {
    const now = performance.now();
    const isOver = ({ deadlineAt }: Publication): boolean => deadlineAt <= now || this.link.isClosing;
    if (!this.waiting.some(isOver)) return;
    for (const publication of this.waiting.splice(0)) {
      if (isOver(publication)) publication.resolve(late(publication));
      else this.waiting.push(publication);
    }
  }

  private judge(publication: Publication, answer: Msg | Gone): Answer {
    if (typeof answer === 'string') {
      return publication.deadlineAt <= performance.now() ? late(publication) : 'again';
    }
    const said = readAck(answer.data);
    if (ackCheck.is(said)) {
      // The second copy of an attempt whose acknowledgement was lost is no duplicate to the caller.
      return ok({ sequence: said.seq, duplicate: said.duplicate === true && publication.attempts === 1 });
    }
    return this.refused(publication, said);
  }

  private refused(publication: Publication, said: unknown): Answer {
    const reason = refusalCheck.is(said) ? said.error : undefined;
    // 503: no leader yet, still loading, out of resources.
    const passing = reason?.code === 503;
    if (passing && publication.deadlineAt > performance.now()) return 'again';
    this.link.logger.error({ subject: publication.subject, reason }, 'the stream refuses an event');
    return passing
      ? fail('unavailable', 'The event stream is not available.')
      : fail('internal', 'Something went wrong.');
  }
}

function late(publication: Publication): PublishOutcome {
  return publication.attempts === 0
    ? fail('unavailable', 'The event stream is not available.')
    : fail('timeout', 'The event was not acknowledged in time.');
}

function readAck(data: Uint8Array): unknown {
  try {
    return parse(data);
  } catch {
    return undefined;
  }
}
