import { AckPolicy, DeliverPolicy, ReplayPolicy, type NextMsgRequest } from '@nats-io/jetstream';
import { nanos, type Msg } from '@nats-io/transport-node';
import { fail, parseSubject, publishedSubject, storedSubject, type Outcome, type StreamName } from '@parley/contracts';
import type { ReadOptions, ReadResult, ReceivedEvent } from './bus.js';
import { attempt, type Manager } from './jetstream.js';
import type { Link } from './link.js';
import { Pull } from './pull.js';
import { BusEvent } from './subscribe.js';
import { Turns } from './turns.js';
import { headerNames } from './wire.js';

const AT_ONCE = 4;
const WAITING = 2_000;
const DEADLINE_MS = 5_000;
const SLICE = 128;
const MAX_BYTES = 16 * 1024 * 1024;
/** The server forgets a consumer that we could not delete. */
const FORGET_MS = 15_000;

type Sequences = Map<string, number>;

/** Reads what a stream holds, through a consumer that lives as long as the read. */
export class Reader {
  private readonly turns = new Turns(AT_ONCE, WAITING);

  constructor(
    private readonly link: Link,
    private readonly manager: Manager,
  ) {}

  async read(options: ReadOptions): Promise<Outcome<ReadResult, 'unavailable' | 'timeout'>> {
    const startedAt = performance.now();
    const left = (): number => DEADLINE_MS - (performance.now() - startedAt);
    const turn = await this.turns.take(DEADLINE_MS);
    if (turn !== 'taken') return fail(turn === 'full' ? 'unavailable' : 'timeout', 'Too many reads of stored events.');
    try {
      const what = `reading ${options.stream}`;
      const found = await attempt(this.link, left(), what, () => this.collect(options, startedAt + DEADLINE_MS));
      const said = found.ok ? 'ok' : found.error.code;
      const seconds = (performance.now() - startedAt) / 1_000;
      this.link.metrics.read(options.stream, said, seconds, found.ok ? found.value.events.length : 0);
      return found;
    } finally {
      this.turns.giveBack();
    }
  }

  /**
   * How many events there are is found out by asking the stream what comes next. A consumer's own count cannot be relied
   * on: nats-server 2.9 miscounts wildcards, either way, when the read begins in the middle of one of its files.
   */
  private async collect({ stream, subject, after, limit }: ReadOptions, deadlineAt: number): Promise<ReadResult> {
    const filter = storedSubject(stream, subject);
    const events: ReceivedEvent[] = [];
    let more = await this.holds(stream, filter, after + 1);
    if (more && limit > 0) {
      const consumer = await this.addConsumer(stream, filter, after + 1);
      const pull = new Pull(this.link, stream, consumer);
      const last: Sequences = new Map();
      let bytes = 0;
      try {
        while (more && events.length < limit && bytes < MAX_BYTES) {
          const batch = Math.min(SLICE, limit - events.length);
          const { messages, drained } = await pull.next(batch, deadlineAt - performance.now());
          for (const message of messages) {
            bytes += message.data.length;
            events.push(storedEvent(stream, message, last));
          }
          more = !drained && (await this.holds(stream, filter, (events.at(-1)?.sequence ?? after) + 1));
        }
      } finally {
        pull.close();
        this.manager.consumers.delete(stream, consumer).catch(() => undefined);
      }
    }
    // Asked last: an event that expired while we read is rather reported as gone than not noticed.
    const info = await this.manager.streams.info(stream);
    return { events, more, firstSequence: info.state.first_seq };
  }

  /** Asked of the stream's leader: a replica might not have the newest yet. */
  private async holds(stream: StreamName, filter: string, from: number): Promise<boolean> {
    const query: NextMsgRequest & { readonly seq: number } = { seq: from, next_by_subj: filter };
    return (await this.manager.streams.getMessage(stream, query)) !== null;
  }

  private async addConsumer(stream: StreamName, filter: string, from: number): Promise<string> {
    const { name } = await this.manager.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      replay_policy: ReplayPolicy.Instant,
      filter_subject: filter,
      inactive_threshold: nanos(FORGET_MS),
      mem_storage: true,
      num_replicas: 1,
    });
    return name;
  }
}

function storedEvent(stream: StreamName, message: Msg, last: Sequences): ReceivedEvent {
  const subject = publishedSubject(stream, message.subject);
  const parsed = parseSubject(subject) ?? { kind: '', id: '' };
  const { sequence, storedAt } = deliveryOf(message.reply ?? '');
  const event = new BusEvent(subject, parsed.kind, parsed.id, message.data);
  for (const [name, [value]] of message.headers ?? []) {
    // Receipts were asked for when it was new.
    if (value !== undefined && name !== headerNames.receipts) event.take(name, value);
  }
  event.sequence = sequence;
  event.previous = last.get(subject) ?? 0;
  event.storedAt = storedAt;
  last.set(subject, sequence);
  return event;
}

/**
 * JetStream writes what it knows of a delivery into the reply subject: `$JS.ACK.<stream>.<consumer>.<times delivered>.
 * <stream sequence>.<consumer sequence>.<ns since 1970>.<pending>`, in its longer form behind a domain and an account.
 */
function deliveryOf(reply: string): { sequence: number; storedAt: number } {
  const tokens = reply.split('.');
  const from = tokens.length > 9 ? 4 : 2;
  const stamp = tokens[from + 5] ?? '';
  return { sequence: Number(tokens[from + 3]), storedAt: Number(stamp.slice(0, -6)) };
}
