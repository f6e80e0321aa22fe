import type { Bus, ReceivedEvent } from '@parley/bus';
import { canary, newMessageId, type GatewayId } from '@parley/contracts';
import { canaryDelay } from '../gateway.metrics.js';

export interface CanaryDeps {
  readonly bus: Pick<Bus, 'publish' | 'status'>;
  readonly gatewayId: GatewayId;
  readonly intervalMs: number;
  /** Nothing has been heard for a while: read what may have been missed. */
  mend(): void;
  /** Mending did not help: this pod's sockets are better off elsewhere. */
  shed(): void;
}

const MEND_AFTER = 2;
const SHED_AFTER = 6;

/**
 * Proof that this gateway still hears the bus: an event of its own goes through stream and subscription every few seconds.
 * A gateway that has gone deaf looks healthy from everywhere else, and its clients would wait for ever.
 */
export class Canary {
  private timer: NodeJS.Timeout | undefined;
  private missed = 0;

  constructor(private readonly deps: CanaryDeps) {}

  get subject(): string {
    return canary.subject(this.deps.gatewayId);
  }

  get deaf(): boolean {
    return this.missed >= MEND_AFTER;
  }

  start(): void {
    this.timer = setInterval(() => {
      this.beat();
    }, this.deps.intervalMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  heard(event: ReceivedEvent): void {
    const payload = canary.decode(event)?.payload;
    if (payload === undefined) return;
    this.missed = 0;
    canaryDelay.record(Math.max(0, Date.now() - payload.sentAt) / 1_000);
  }

  private beat(): void {
    // While the bus is known to be away there is nothing to prove; the reconnect has its own repair.
    if (this.deps.bus.status() !== 'connected') {
      this.missed = 0;
      return;
    }
    this.missed += 1;
    if (this.missed === MEND_AFTER + 1) this.deps.mend();
    if (this.missed === SHED_AFTER + 1) this.deps.shed();
    const { gatewayId } = this.deps;
    void this.deps.bus.publish(canary, gatewayId, { gatewayId, sentAt: Date.now() }, { messageId: newMessageId() });
  }
}
