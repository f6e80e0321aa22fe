import type { ReceivedEvent, Receipt } from '@parley/bus';
import { MUST, type Dialect } from '@parley/dialects';
import { wireFrames } from '../socket/wire.js';
import type { Channel, Membership, Outgoing, Receiver } from './channel.js';

export interface FanoutDeps {
  /** Answers an event that asked who received it. */
  receipt(event: ReceivedEvent, receipt: Omit<Receipt, 'gatewayId'>): void;
  /** Once per flush: how many frames were written, and how old the oldest event in it was. */
  measured(dialect: Dialect, deliveries: number, bytes: number, oldestStoredAt: number): void;
}

/** Held events beyond this end the connection rather than grow without end. */
const MAX_HELD = 10_000;

/**
 * The channels that an event matches, which is what its receivers have in common, and what has to be written to them at
 * the end of this tick.
 */
export class Audience {
  readonly pending = new Map<Dialect, Outgoing[]>();
  receipts: ReceivedEvent[] = [];
  oldestStoredAt = 0;
  queued = false;

  constructor(readonly channels: readonly Channel[]) {}
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

  constructor(private readonly deps: FanoutDeps) {}

  /** `repaired`: read from the stream, so late joiners must not get it. */
  deliver(event: ReceivedEvent, audience: Audience, repaired: boolean): void {
    let urgent = false;
    for (const dialect of dialectsOf(audience.channels)) {
      if (dialect.observes.has(event.kind)) observe(audience.channels, dialect, event, repaired);
      const encoded = dialect.encoders.get(event.kind)?.encode(event);
      if (encoded === undefined) continue;
      urgent ||= encoded.urgent ?? false;
      const outgoing: Outgoing = {
        wire: wireFrames(encoded.frames),
        delivery: encoded.delivery,
        sequence: event.sequence,
        except: encoded.except,
        repaired,
      };
      const pending = audience.pending.get(dialect);
      if (pending === undefined) audience.pending.set(dialect, [outgoing]);
      else pending.push(outgoing);
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
    const written = new Tally(audience.receipts.length > 0 && audience.receipts.some(isForUser));
    const slow: Receiver[] = [];
    for (const [dialect, batch] of audience.pending) {
      const before = written.count;
      const bytes = this.writeBatch(audience.channels, dialect, batch, cork, written, slow);
      this.deps.measured(dialect, (written.count - before) * batch.length, bytes, audience.oldestStoredAt);
    }
    audience.pending.clear();
    audience.queued = false;
    audience.oldestStoredAt = 0;
    const { receipts } = audience;
    if (receipts.length > 0) {
      audience.receipts = [];
      const answer = { count: written.count, connectionIds: written.ids };
      for (const event of receipts) this.deps.receipt(event, answer);
    }
    for (const receiver of slow) receiver.end('slow');
  }

  /** Returns the bytes written. */
  private writeBatch(
    channels: readonly Channel[],
    dialect: Dialect,
    batch: readonly Outgoing[],
    cork: boolean,
    written: Tally,
    slow: Receiver[],
  ): number {
    const uniform = batch.every(isUniform);
    const [first] = batch;
    if (first === undefined) return 0;
    const shared = batch.length === 1 ? first.wire : uniform ? Buffer.concat(batch.map((one) => one.wire)) : undefined;
    const single = channels.length === 1;
    this.stamp += 1;
    let bytes = 0;
    for (const channel of channels) {
      for (const group of channel.groups) {
        if (group.dialect !== dialect) continue;
        const direct = uniform && shared !== undefined && group.heldCount === 0;
        for (const membership of group.members) {
          const { receiver } = membership;
          if (!single) {
            if (receiver.stamp === this.stamp) continue;
            receiver.stamp = this.stamp;
          }
          if (cork) receiver.outbox.cork();
          const taken = direct ? receiver.outbox.writeMust(shared) : writeEach(membership, batch);
          if (taken) {
            written.add(receiver);
            bytes += shared?.length ?? 0;
          } else {
            slow.push(receiver);
          }
        }
      }
    }
    return bytes;
  }
}

/** Who was written to; their ids only where someone will read them. */
class Tally {
  count = 0;
  readonly ids: string[] = [];

  constructor(private readonly withIds: boolean) {}

  add(receiver: Receiver): void {
    this.count += 1;
    if (this.withIds) this.ids.push(receiver.id);
  }
}

function isForUser(event: ReceivedEvent): boolean {
  return event.subject.startsWith('evt.user.');
}

/** Every live member gets it, and none may lose it: the case worth sharing one buffer for. */
function isUniform(outgoing: Outgoing): boolean {
  return outgoing.delivery === MUST && outgoing.except === undefined && !outgoing.repaired;
}

/** The slow path: members that are catching up, events that not everyone gets. False: the connection must go. */
function writeEach(membership: Membership, batch: readonly Outgoing[]): boolean {
  for (const outgoing of batch) {
    if (outgoing.repaired && outgoing.sequence <= membership.floor) continue;
    if (outgoing.except === membership.receiver.id) continue;
    if (membership.held !== undefined) {
      if (membership.held.length >= MAX_HELD) return false;
      membership.held.push(outgoing);
    } else if (membership.receiver.outbox.write(outgoing.wire, outgoing.delivery) === 'slow') {
      return false;
    }
  }
  return true;
}

function dialectsOf(channels: readonly Channel[]): Iterable<Dialect> {
  const [only] = channels;
  if (only !== undefined && channels.length === 1) return only.groups.map((group) => group.dialect);
  return new Set(channels.flatMap((channel) => channel.groups.map((group) => group.dialect)));
}

function observe(channels: readonly Channel[], dialect: Dialect, event: ReceivedEvent, repaired: boolean): void {
  const told = new Set<Receiver>();
  for (const channel of channels) {
    for (const membership of channel.members()) {
      if (membership.receiver.dialect !== dialect || told.has(membership.receiver)) continue;
      if (repaired && event.sequence <= membership.floor) continue;
      told.add(membership.receiver);
      membership.receiver.observe(event);
    }
  }
}
