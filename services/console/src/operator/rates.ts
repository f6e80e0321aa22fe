import type { DialectTraffic, GatewayStats, Stats } from './bodies.js';

/** Of one gateway, each second, in the time between two answers. */
export interface Rates {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly deliveries: number;
}

/** Two minutes at one answer every two seconds. */
const KEPT = 60;

interface Counted extends Rates {
  readonly at: number;
}

/** Makes rates of counters: the difference of two answers by the time between them. */
export class RateHistory {
  private readonly last = new Map<string, Counted>();
  private readonly rates = new Map<string, readonly Rates[]>();

  add({ gateways }: Stats): void {
    const here = new Set(gateways.map(({ gateway_id: id }) => id));
    for (const id of this.last.keys()) {
      if (here.has(id)) continue;
      this.last.delete(id);
      this.rates.delete(id);
    }
    for (const gateway of gateways) this.count(gateway);
  }

  /** Oldest first. */
  of(gatewayId: string): readonly Rates[] {
    return this.rates.get(gatewayId) ?? [];
  }

  private count({ gateway_id: id, traffic }: GatewayStats): void {
    // It did not answer in time: the next answer covers this one's time too.
    if (traffic === undefined) return;
    const { at, dialects } = traffic;
    const sum = (of: (one: DialectTraffic) => number): number => dialects.reduce((total, one) => total + of(one), 0);
    const now: Counted = {
      at,
      framesIn: sum((one) => one.frames_received),
      framesOut: sum((one) => one.frames_sent),
      deliveries: sum((one) => one.deliveries),
    };
    const before = this.last.get(id);
    this.last.set(id, now);
    if (before === undefined || now.at <= before.at) return;
    const perSecond = (name: keyof Rates): number =>
      Math.max(0, ((now[name] - before[name]) * 1_000) / (now.at - before.at));
    const rates = {
      framesIn: perSecond('framesIn'),
      framesOut: perSecond('framesOut'),
      deliveries: perSecond('deliveries'),
    };
    this.rates.set(id, [...this.of(id), rates].slice(-KEPT));
  }
}

/** Few digits, since it changes all the time. */
export function rateText(rate: number): string {
  if (rate === 0) return '0';
  return rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}
