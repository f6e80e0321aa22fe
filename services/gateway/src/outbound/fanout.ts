import type { ReceivedEvent, Receipt } from '@parley/bus';
import type { Dialect } from '@parley/dialects';
import { Batch, TOO_SLOW } from './batch.js';
import { isNews, type Channel, type Group, type Receiver } from './channel.js';
import { outgoingOf, type Origin, type Outgoing } from './outgoing.js';
import { TracedDelivery } from './traced-delivery.js';

export interface FanoutDeps {
  /** Answers an event that asked who received it. */
  receipt(event: ReceivedEvent, receipt: Omit<Receipt, 'gatewayId'>): void;
  /** Once per flush: how many frames were written, and how old the oldest event in it was. */
  measured(dialect: Dialect, deliveries: number, bytes: number, oldestStoredAt: number): void;
}

/**
 * The channels that an event matches, which is what its receivers have in common, and what has to be written to them at
 * the end of this tick.
 */
export class Audience {
  readonly pending = new Map<Dialect, Outgoing[]>();
  receipts: ReceivedEvent[] = [];
  oldestStoredAt = 0;
  /** Of events that are being recorded; for nearly all, there is none. */
  traced: TracedDelivery[] | undefined;
  queued = false;

  constructor(
    readonly channels: readonly Channel[],
    /** The only dialect that is meant; undefined: all. */
    readonly only?: Dialect,
  ) {}
}

/**
 * From events to sockets. An event is encoded once per dialect that has a receiver; everything that came for the same
 * audience within a tick leaves as one buffer, shared by all receivers, with one write each. Nothing here waits, and
 * nothing is allocated per receiver.
 */
export class Fanout {
  private dirty: Audience[] = [];
  private scheduled = false;
  private stamp = 0;
  private readonly flushNow = (): void => {
    this.flush();
  };

  constructor(private readonly deps: FanoutDeps) {}

  /** `repaired`: read from the stream, so late joiners must not get it. */
  deliver(event: ReceivedEvent, audience: Audience, repaired: boolean): void {
    let urgent = false;
    let traced: TracedDelivery | undefined;
    const origin: Origin = { sequence: event.sequence, repaired, routed: audience.only !== undefined };
    for (const dialect of dialectsOf(audience)) {
      if (dialect.observes.has(event.kind)) {
        observe({ channels: audience.channels, dialect, event, origin, flush: this.flushNow });
      }
      const outgoing = outgoingOf(dialect, event, origin);
      if (outgoing.length === 0) continue;
      if (event.traceparent !== undefined) {
        traced ??= traceDelivery(event, event.traceparent, audience, repaired);
        traced.concerns(dialect);
      }
      urgent ||= outgoing.some((part) => part.urgent);
      const pending = audience.pending.get(dialect);
      if (pending === undefined) audience.pending.set(dialect, [...outgoing]);
      else pending.push(...outgoing);
    }
    if (event.receiptsTo !== undefined && !repaired) audience.receipts.push(event);
    if (audience.oldestStoredAt === 0) audience.oldestStoredAt = event.storedAt;
    this.enqueue(audience);
    if (urgent) this.flush();
  }

  /** Writes all that is pending. Call it before any change of membership, which would change who "all" are. */
  flush(): void {
    if (this.dirty.length === 0) return;
    const audiences = this.dirty;
    this.dirty = [];
    // With several audiences a socket may be written more than once; corking makes that one system call.
    const cork = audiences.length > 1;
    for (const audience of audiences) this.flushAudience(audience, cork);
  }

  private enqueue(audience: Audience): void {
    if (!audience.queued) {
      audience.queued = true;
      this.dirty.push(audience);
    }
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flushAudience(audience: Audience, cork: boolean): void {
    const flush = new Flush(audience, cork);
    for (const [dialect, outgoing] of audience.pending) {
      const before = flush.count;
      const batch = new Batch(outgoing);
      this.stamp += 1;
      const bytes = flush.write(dialect, batch, this.stamp);
      const receivers = flush.count - before;
      this.deps.measured(dialect, receivers * batch.size, bytes, audience.oldestStoredAt);
      if (audience.traced !== undefined) for (const one of audience.traced) one.reached(dialect, receivers);
    }
    if (audience.traced !== undefined) {
      for (const one of audience.traced) one.end();
      audience.traced = undefined;
    }
    audience.pending.clear();
    audience.queued = false;
    audience.oldestStoredAt = 0;
    const { receipts } = audience;
    if (receipts.length > 0) {
      audience.receipts = [];
      const answer = { count: flush.count, connectionIds: flush.ids };
      for (const event of receipts) this.deps.receipt(event, answer);
    }
    for (const receiver of flush.slow) receiver.end('slow');
  }
}

/** One writing of what is pending for an audience. */
class Flush {
  /** Receivers written to. */
  count = 0;
  /** Their ids, only where someone will read them. */
  readonly ids: string[] = [];
  /** Receivers that have to go. */
  readonly slow: Receiver[] = [];
  private readonly withIds: boolean;
  private readonly channels: readonly Channel[];

  constructor(
    audience: Audience,
    private readonly cork: boolean,
  ) {
    this.channels = audience.channels;
    this.withIds = audience.receipts.some(isForUser);
  }

  /** Returns the bytes written. `stamp` is of this call alone. */
  write(dialect: Dialect, batch: Batch, stamp: number): number {
    let bytes = 0;
    const overlapping = this.channels.length > 1;
    for (const channel of this.channels) {
      for (const group of channel.groups) {
        if (group.dialect === dialect) bytes += this.writeGroup(group, batch, overlapping ? stamp : 0);
      }
    }
    return bytes;
  }

  /** With a stamp, those who have it were written to already. */
  private writeGroup(group: Group, batch: Batch, stamp: number): number {
    let bytes = 0;
    for (const membership of group.members) {
      const { receiver } = membership;
      if (stamp !== 0) {
        if (receiver.stamp === stamp) continue;
        receiver.stamp = stamp;
      }
      if (this.cork) receiver.outbox.cork();
      const written = batch.writeTo(membership);
      if (written === TOO_SLOW) {
        this.slow.push(receiver);
        continue;
      }
      bytes += written;
      this.count += 1;
      if (this.withIds) this.ids.push(receiver.id);
    }
    return bytes;
  }
}

function traceDelivery(
  event: ReceivedEvent,
  traceparent: string,
  audience: Audience,
  repaired: boolean,
): TracedDelivery {
  const traced = new TracedDelivery(event, traceparent, repaired);
  (audience.traced ??= []).push(traced);
  return traced;
}

function isForUser(event: ReceivedEvent): boolean {
  return event.subject.startsWith('evt.user.');
}

function dialectsOf({ channels, only: meant }: Audience): Iterable<Dialect> {
  if (meant !== undefined) return [meant];
  const [only] = channels;
  if (only !== undefined && channels.length === 1) return only.groups.map((group) => group.dialect);
  return new Set(channels.flatMap((channel) => channel.groups.map((group) => group.dialect)));
}

interface Observation {
  readonly channels: readonly Channel[];
  readonly dialect: Dialect;
  readonly event: ReceivedEvent;
  readonly origin: Origin;
  readonly flush: () => void;
}

function observe({ channels, dialect, event, origin, flush }: Observation): void {
  const told = new Set<Receiver>();
  for (const channel of channels) {
    for (const membership of channel.members()) {
      if (membership.receiver.dialect === dialect && isNews(membership, origin)) told.add(membership.receiver);
    }
  }
  // Only now: whoever closes on hearing it leaves the channels, and nobody behind it may be passed over.
  for (const receiver of told) receiver.observe(event, flush);
}
