import { compile, GatewayInfo, ok, type Outcome } from '@parley/contracts';
import { Empty, type MsgHdrs, type Subscription } from '@nats-io/transport-node';
import type { LeaseEvents, Stoppable } from './bus.js';
import { attempt, type Manager } from './jetstream.js';
import { leaseSubject } from './lease-holder.js';
import type { Link } from './link.js';
import type { Requests } from './requests.js';
import { LEASES } from './streams.js';
import { parse } from './wire.js';

const STREAM = `KV_${LEASES}`;
const LIST_MS = 3_000;
const infoCheck = compile(GatewayInfo);

interface Known {
  readonly info: GatewayInfo;
  readonly heardAt: number;
}

/**
 * Knows which gateways are alive. It hears the puts of the lease bucket on a plain subscription, which outlives
 * reconnects and the loss of the bucket alike, and lists the bucket only when it comes into a connection, to know those
 * who have put before. An entry that expires tells nobody, so it judges by its own clock, and only when it would
 * have heard: not before a full lease time after a reconnect, or after this process itself stood still.
 */
export class LeaseWatcher {
  private readonly known = new Map<string, Known>();
  private readonly listeners = new Set<LeaseEvents>();
  private readonly ticks: number;
  private subscription: Subscription | undefined;
  private status: Stoppable | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastTick = 0;
  /** Since when we have listened without a break. */
  private listeningSince = 0;
  private toldSettled = false;

  constructor(
    private readonly link: Link,
    private readonly requests: Requests,
    private readonly manager: Manager,
    private readonly ttlMs: number,
  ) {
    this.ticks = ttlMs / 12;
  }

  async watch(events: LeaseEvents): Promise<Outcome<Stoppable, 'unavailable' | 'timeout'>> {
    if (this.subscription === undefined) this.start();
    for (const { info } of this.known.values()) events.joined(info);
    this.listeners.add(events);
    const listed = await attempt(this.link, LIST_MS, 'listing the leases', () => this.list());
    const stoppable = {
      stop: () => {
        this.listeners.delete(events);
        if (this.listeners.size === 0) this.stop();
        return Promise.resolve();
      },
    };
    if (listed.ok) return ok(stoppable);
    await stoppable.stop();
    return listed;
  }

  gateways(): readonly GatewayInfo[] {
    return [...this.known.values()].map(({ info }) => info);
  }

  stop(): void {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
    void this.status?.stop();
    clearInterval(this.timer);
    this.known.clear();
  }

  private start(): void {
    this.listenAnew();
    this.subscription = this.link.subscribe(leaseSubject('*'), (message) => {
      this.hear(message.subject, message.data, message.headers);
    });
    this.status = this.link.onStatus((status) => {
      if (status !== 'connected') return;
      this.listenAnew();
      void attempt(this.link, LIST_MS, 'listing the leases', () => this.list());
    });
    this.timer = setInterval(() => {
      this.judge();
    }, this.ticks);
    this.timer.unref();
  }

  private listenAnew(): void {
    this.listeningSince = performance.now();
    this.lastTick = this.listeningSince;
    this.toldSettled = false;
  }

  private async list(): Promise<void> {
    const info = await this.manager.streams.info(STREAM, { subjects_filter: leaseSubject('*') });
    await Promise.all(Object.keys(info.state.subjects ?? {}).map((subject) => this.fetch(subject)));
  }

  private async fetch(subject: string): Promise<void> {
    const asked = `$JS.API.DIRECT.GET.${STREAM}.${subject}`;
    const answer = await this.requests.request(asked, Empty, LIST_MS);
    if (typeof answer === 'string' || (answer.headers?.code ?? 0) !== 0) return;
    // Only those not heard of yet: what was heard meanwhile is newer.
    if (!this.known.has(idOf(subject))) this.hear(subject, answer.data, answer.headers);
  }

  private hear(subject: string, data: Uint8Array, headers: MsgHdrs | undefined): void {
    if (headers?.get('KV-Operation') === 'DEL') {
      const gone = this.known.get(idOf(subject));
      if (gone !== undefined) this.lose(gone.info, true);
      return;
    }
    const info = readInfo(data);
    if (info === undefined) {
      this.link.metrics.malformed('lease');
      return;
    }
    const isNew = !this.known.has(info.gatewayId);
    this.known.set(info.gatewayId, { info, heardAt: performance.now() });
    if (!isNew) return;
    this.link.logger.info({ gatewayId: info.gatewayId }, 'a gateway has joined');
    for (const listener of this.listeners) listener.joined(info);
  }

  private judge(): void {
    const now = performance.now();
    // A process that stood still has unread renewals before it.
    if (now - this.lastTick > this.ttlMs / 3) this.listenAnew();
    this.lastTick = now;
    if (this.link.status !== 'connected' || now - this.listeningSince <= this.ttlMs) return;
    for (const { info, heardAt } of [...this.known.values()]) {
      if (now - Math.max(heardAt, this.listeningSince) > this.ttlMs) this.lose(info, false);
    }
    if (this.toldSettled) return;
    this.toldSettled = true;
    for (const listener of this.listeners) listener.settled?.(this.gateways());
  }

  private lose(info: GatewayInfo, graceful: boolean): void {
    this.known.delete(info.gatewayId);
    this.link.logger.info({ gatewayId: info.gatewayId, graceful }, 'a gateway is gone');
    for (const listener of this.listeners) listener.lost(info, graceful);
  }
}

function idOf(subject: string): string {
  return subject.slice(leaseSubject('').length);
}

function readInfo(data: Uint8Array): GatewayInfo | undefined {
  try {
    const info = parse(data);
    return infoCheck.is(info) ? info : undefined;
  } catch {
    return undefined;
  }
}
