import { fail, ok, type GatewayInfo, type Outcome } from '@parley/contracts';
import { Empty, headers } from '@nats-io/transport-node';
import type { Stoppable } from './bus.js';
import type { Link } from './link.js';
import type { Requests } from './requests.js';
import { LEASES } from './streams.js';
import { encodeJson } from './wire.js';

const GOODBYE_MS = 1_000;
const FIRST_MS = 5_000;
const RETRY_MS = 250;

export function leaseSubject(gatewayId: string): string {
  return `$KV.${LEASES}.${gatewayId}`;
}

/** Keeps one gateway's lease alive: a put every third of its time, and at once after each reconnect. */
export class LeaseHolder implements Stoppable {
  private readonly renewEveryMs: number;
  private readonly watch: Stoppable;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly link: Link,
    private readonly requests: Requests,
    private readonly info: () => GatewayInfo,
    ttlMs: number,
  ) {
    this.renewEveryMs = ttlMs / 3;
    this.watch = link.onStatus((status) => {
      if (status === 'connected') this.schedule(0);
    });
  }

  /** Resolves when the lease is held for the first time. */
  async start(): Promise<Outcome<Stoppable, 'unavailable' | 'timeout'>> {
    const connected = await this.link.whenConnected(FIRST_MS);
    const held = connected && (await this.put());
    if (held) {
      this.schedule(this.renewEveryMs);
      return ok(this);
    }
    this.leave();
    return connected
      ? fail('timeout', 'The lease was not acknowledged.')
      : fail('unavailable', 'Not connected to NATS.');
  }

  async stop(): Promise<void> {
    if (this.stopped) return;
    this.leave();
    const goodbye = headers();
    goodbye.set('KV-Operation', 'DEL');
    await this.requests.request(leaseSubject(this.info().gatewayId), Empty, GOODBYE_MS, goodbye);
  }

  private leave(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    void this.watch.stop();
  }

  private schedule(ms: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renew(), ms);
    this.timer.unref();
  }

  private async renew(): Promise<void> {
    const startedAt = performance.now();
    const held = await this.put();
    if (held) this.schedule(Math.max(0, this.renewEveryMs - (performance.now() - startedAt)));
    // Not connected: the reconnect brings us back. Otherwise the bucket is not ready yet.
    else if (this.link.status === 'connected') this.schedule(RETRY_MS);
  }

  /** Watchers hear the put itself; the acknowledgement says that newcomers will find it, too. */
  private async put(): Promise<boolean> {
    const info = this.info();
    const answer = await this.requests.request(leaseSubject(info.gatewayId), encodeJson(info), this.renewEveryMs);
    if (typeof answer !== 'string') return true;
    this.link.logger.warn({ reason: answer }, 'the lease could not be renewed');
    return false;
  }
}
