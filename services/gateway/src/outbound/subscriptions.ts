import type { Bus, EventSubscription, ReceivedEvent } from '@parley/bus';
import { fail, ok, type ConnectionId, type Outcome, type StreamName } from '@parley/contracts';
import type { Dialect, JoinRequest, JoinResult } from '@parley/dialects';
import type { Observation } from '@parley/telemetry';
import { Channel, isNews, type Membership, type Receiver } from './channel.js';
import { Audience, Fanout, type FanoutDeps } from './fanout.js';
import { GapRepair } from './gap-repair.js';
import type { Outgoing } from './outgoing.js';
import { Recovery, type Missed } from './recovery.js';
import { SubjectTrie } from './subject-trie.js';

export interface SubscriptionsDeps extends FanoutDeps {
  readonly bus: Pick<Bus, 'subscribe' | 'position' | 'epoch' | 'read'>;
  /** See `GapRepairDeps.keptPerSubject`. */
  readonly keptPerSubject: Record<StreamName, number>;
  /** Bytes that one join may recover; beyond it the connection is told to start afresh. Default 2 MiB. */
  readonly maxRecoveredBytes?: number;
  repaired(stream: StreamName, events: number): void;
  lost(stream: StreamName, subject: string | undefined, why: string): void;
  gapFound?(stream: StreamName): void;
  gapRepaired?(stream: StreamName): void;
}

/** What a join leaves open: the members are in, and hear nothing until they are released. */
export interface Joined {
  readonly results: readonly JoinResult[];
  /** Writes what was missed and what was held, in order; live from then on. */
  release(): void;
}

interface Subscription {
  readonly channel: Channel;
  readonly bus: EventSubscription;
  /** Settles when the bus has confirmed it; asks again when that failed before. */
  ready(): Promise<Outcome<number, 'unavailable' | 'timeout'>>;
}

type JoinError = 'unavailable' | 'timeout';

const MAX_RECOVERED_BYTES = 2 * 1024 * 1024;

/** Which subjects this pod listens to and for whom: one bus subscription per subject, made for the first, ended with the last. */
export class Subscriptions {
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly trie = new SubjectTrie<Channel>();
  /** Who hears a subject, until the set of channels changes. */
  private audiences = new Map<string, Audience>();
  private readonly soloAudiences = new Map<Channel, Audience>();
  private readonly memberships = new Map<ConnectionId, Map<string, Membership>>();
  private readonly fanout: Fanout;
  private readonly recovery: Recovery;
  private readonly repairs: Record<StreamName, GapRepair>;
  /** The event that came last, and when. */
  private readonly newest: Record<StreamName, { event: ReceivedEvent | undefined; at: number }> = {
    EVENTS: { event: undefined, at: 0 },
    TOPICS: { event: undefined, at: 0 },
  };

  constructor(private readonly deps: SubscriptionsDeps) {
    this.fanout = new Fanout(deps);
    this.recovery = new Recovery(deps.bus, deps.maxRecoveredBytes ?? MAX_RECOVERED_BYTES);
    this.repairs = { EVENTS: this.repairOf('EVENTS'), TOPICS: this.repairOf('TOPICS') };
  }

  /** Subjects that this pod listens to. */
  get size(): number {
    return this.subscriptions.size;
  }

  /** How old the last event of each stream was when it came, in seconds; nothing for a stream of which none came. */
  lags(): readonly Observation[] {
    return Object.entries(this.newest).flatMap(([stream, { event, at }]) =>
      event === undefined ? [] : [{ value: Math.max(0, at - event.storedAt) / 1_000, attributes: { stream } }],
    );
  }

  /** Would anyone here be written to? */
  hasReceivers(subject: string): boolean {
    return this.trie.match(subject).some((channel) => channel.groups.length > 0);
  }

  joinedBy(id: ConnectionId): number {
    return this.memberships.get(id)?.size ?? 0;
  }

  async join(receiver: Receiver, requests: readonly JoinRequest[]): Promise<Outcome<Joined, JoinError>> {
    this.fanout.flush();
    const mine = this.membershipsOf(receiver.id);
    const added = new Map<string, Membership>();
    for (const { subject } of requests) {
      if (mine.has(subject)) continue;
      const { channel } = this.subscriptionOf(subject);
      const membership = channel.add(receiver, this.repairs[channel.stream].lastSeen);
      mine.set(subject, membership);
      added.set(subject, membership);
    }
    const outcome = await this.settle(requests, added);
    if (outcome.ok) return outcome;
    for (const subject of added.keys()) this.leave(receiver.id, [subject]);
    return outcome;
  }

  leave(id: ConnectionId, subjects: readonly string[]): void {
    const mine = this.memberships.get(id);
    if (mine === undefined) return;
    this.fanout.flush();
    for (const subject of subjects) {
      const membership = mine.get(subject);
      if (membership === undefined) continue;
      mine.delete(subject);
      membership.channel.remove(membership);
      this.dropIfEmpty(subject);
    }
    if (mine.size === 0) this.memberships.delete(id);
  }

  /** What a subject says up to this sequence is known to the connection: neither what is held of it nor what still comes is sent. */
  skip(id: ConnectionId, subject: string, upTo: number): void {
    const membership = this.memberships.get(id)?.get(subject);
    if (membership !== undefined) membership.skipTo = Math.max(membership.skipTo, upTo);
  }

  leaveAll(id: ConnectionId): void {
    const mine = this.memberships.get(id);
    if (mine !== undefined) this.leave(id, [...mine.keys()]);
  }

  /** The gateway's own ear on a subject: the same order, the same repair as for sockets. */
  async listen(subject: string, listener: (event: ReceivedEvent) => void): Promise<Outcome<number, JoinError>> {
    const subscription = this.subscriptionOf(subject);
    subscription.channel.listeners.add(listener);
    return subscription.ready();
  }

  /** Delivers an event to whoever of a dialect has joined one of these subjects, once per connection. */
  deliverTo(subjects: readonly string[], dialect: Dialect, event: ReceivedEvent): void {
    const channels = subjects.flatMap((subject) => this.subscriptions.get(subject)?.channel ?? []);
    if (channels.length > 0) this.fanout.deliver(event, new Audience(channels, dialect), false);
  }

  busReconnected(): void {
    this.repairs.EVENTS.reconnected();
    this.repairs.TOPICS.reconnected();
  }

  /** Every connection that listens to a subject, or to anything on a stream. */
  *receivers(stream: StreamName, subject: string | undefined): Iterable<Receiver> {
    const channels =
      subject === undefined
        ? [...this.subscriptions.values()].map((one) => one.channel).filter((channel) => channel.stream === stream)
        : this.trie.match(subject);
    for (const channel of channels) {
      for (const membership of [...channel.members()]) yield membership.receiver;
    }
  }

  flush(): void {
    this.fanout.flush();
  }

  private async settle(
    requests: readonly JoinRequest[],
    added: ReadonlyMap<string, Membership>,
  ): Promise<Outcome<Joined, JoinError>> {
    const results: JoinResult[] = [];
    const missed: Missed[] = [];
    const readMissed = this.recovery.begin();
    for (const request of requests) {
      const subscription = this.subscriptions.get(request.subject);
      if (subscription === undefined) return fail('unavailable', 'the subscription ended while it was being made');
      const ready = await subscription.ready();
      if (!ready.ok) return ready;
      const membership = added.get(request.subject);
      const position = Math.max(membership?.floor ?? 0, ready.value);
      if (membership !== undefined) membership.floor = position;
      if (request.recover === undefined || membership === undefined) {
        results.push({ subject: request.subject, position });
        continue;
      }
      const recovery = await readMissed(membership, request.recover);
      if (!recovery.ok) return recovery;
      missed.push(recovery.value);
      const { complete, events } = recovery.value;
      results.push({ subject: request.subject, position, recovered: { complete, count: events.length } });
    }
    return ok({
      results,
      release: () => {
        this.release([...added.values()], missed);
      },
    });
  }

  /** In the order of the streams, whichever subjects they came on, so that a connection cut midway can resume from its last. */
  private release(added: readonly Membership[], missed: readonly Missed[]): void {
    this.fanout.flush();
    const due = new Map<string, Outgoing>();
    for (const membership of added) {
      const { receiver, channel, held } = membership;
      if (held === undefined || this.memberships.get(receiver.id)?.get(channel.subject) !== membership) continue;
      const recovered = missed.find((one) => one.membership === membership);
      membership.held = undefined;
      const upTo = recovered?.upTo ?? 0;
      const late = held.filter(({ origin }) => origin.sequence === 0 || origin.routed || origin.sequence > upTo);
      for (const outgoing of [...(recovered?.events ?? []), ...late]) {
        const { origin, part } = outgoing;
        if (!isNews(membership, origin)) continue;
        // Subjects that overlap hold the same event more than once; live ones have no number and are all different.
        const key = origin.sequence === 0 ? `live ${due.size}` : `${channel.stream} ${origin.sequence} ${part}`;
        due.set(key, outgoing);
      }
    }
    const receiver = added[0]?.receiver;
    if (receiver !== undefined) writeInOrder(receiver, [...due.values()]);
  }

  private subscriptionOf(subject: string): Subscription {
    const existing = this.subscriptions.get(subject);
    if (existing !== undefined) return existing;
    const stream: StreamName = subject.startsWith('evt.topic.') ? 'TOPICS' : 'EVENTS';
    const channel = new Channel(subject, stream);
    const bus = this.deps.bus.subscribe(subject, (event) => {
      this.received(channel, event);
    });
    let confirmed: Promise<Outcome<number, JoinError>> | undefined;
    const ready = () => {
      confirmed ??= this.deps.bus.position(stream).then((outcome) => {
        if (outcome.ok) channel.position = outcome.value;
        // Or whoever comes next would be told of an old failure, for as long as anybody is waiting here.
        else confirmed = undefined;
        return outcome;
      });
      return confirmed;
    };
    void ready();
    const subscription = { channel, bus, ready };
    this.subscriptions.set(subject, subscription);
    this.trie.set(subject, channel);
    this.audiences = new Map();
    return subscription;
  }

  private dropIfEmpty(subject: string): void {
    const subscription = this.subscriptions.get(subject);
    if (!subscription?.channel.empty) return;
    this.subscriptions.delete(subject);
    this.trie.delete(subject);
    this.soloAudiences.delete(subscription.channel);
    this.audiences = new Map();
    this.repairs[subscription.channel.stream].forget(subject);
    subscription.bus.unsubscribe();
  }

  private received(channel: Channel, event: ReceivedEvent): void {
    if (event.sequence > 0) {
      const newest = this.newest[channel.stream];
      newest.event = event;
      newest.at = Date.now();
      this.repairs[channel.stream].accept(event);
    } else {
      // Live events have no number to tell copies apart, so each subscription serves its own members only.
      this.dispatch(event, this.soloAudience(channel), false);
    }
  }

  private dispatch(event: ReceivedEvent, audience: Audience, repaired: boolean): void {
    for (const channel of audience.channels) for (const listener of channel.listeners) listener(event);
    this.fanout.deliver(event, audience, repaired);
  }

  private audienceOf(subject: string): Audience {
    let audience = this.audiences.get(subject);
    if (audience === undefined) {
      const channels = this.trie.match(subject);
      const [only] = channels;
      audience = only !== undefined && channels.length === 1 ? this.soloAudience(only) : new Audience(channels);
      // A pattern may see any number of subjects; what is forgotten is matched again. Nothing pending is lost by it.
      if (this.audiences.size >= 50_000) this.audiences = new Map();
      this.audiences.set(subject, audience);
    }
    return audience;
  }

  private soloAudience(channel: Channel): Audience {
    let audience = this.soloAudiences.get(channel);
    if (audience === undefined) {
      audience = new Audience([channel]);
      this.soloAudiences.set(channel, audience);
    }
    return audience;
  }

  private membershipsOf(id: ConnectionId): Map<string, Membership> {
    let mine = this.memberships.get(id);
    if (mine === undefined) {
      mine = new Map();
      this.memberships.set(id, mine);
    }
    return mine;
  }

  private repairOf(stream: StreamName): GapRepair {
    return new GapRepair({
      stream,
      read: (options) => this.deps.bus.read(options),
      position: () => this.deps.bus.position(stream),
      epoch: () => this.deps.bus.epoch(stream),
      subjects: () =>
        [...this.subscriptions.values()]
          .filter((one) => one.channel.stream === stream)
          .map((one) => one.channel.subject),
      floorOf: (subject) => this.floorOf(subject),
      deliver: (event, repaired) => {
        this.dispatch(event, this.audienceOf(event.subject), repaired);
      },
      lost: (subject, why) => {
        this.deps.lost(stream, subject, why);
      },
      repaired: (events) => {
        this.deps.repaired(stream, events);
      },
      gapFound: () => this.deps.gapFound?.(stream),
      gapRepaired: () => this.deps.gapRepaired?.(stream),
      keptPerSubject: this.deps.keptPerSubject[stream],
    });
  }

  /** From where on a subject (or pattern) has been listened to without a break. */
  private floorOf(subject: string): number | undefined {
    const own = this.subscriptions.get(subject);
    if (own !== undefined) return own.channel.position;
    let floor: number | undefined;
    for (const channel of this.trie.match(subject)) {
      if (channel.position === undefined) continue;
      floor = floor === undefined ? channel.position : Math.min(floor, channel.position);
    }
    return floor;
  }
}

function writeInOrder(receiver: Receiver, due: readonly Outgoing[]): void {
  const place = ({ origin }: Outgoing): number => (origin.sequence === 0 ? Number.MAX_SAFE_INTEGER : origin.sequence);
  for (const outgoing of due.toSorted((a, b) => place(a) - place(b))) {
    const wire = outgoing.wireFor(receiver);
    if (wire === undefined || receiver.outbox.write(wire, outgoing.delivery) !== 'slow') continue;
    receiver.end('slow');
    return;
  }
}
