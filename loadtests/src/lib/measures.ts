import { Counter, Trend } from 'k6/metrics';

/** Every script has the same ones, so that their reports read alike. Times in ms. */
export const logins = new Counter('parley_logins');
/** From opening the socket to the dialect's welcome. */
export const loginMs = new Trend('parley_login_ms', true);
/** Attempts that did not get as far as a welcome: refused upgrades, sockets closed before it. */
export const refused = new Counter('parley_refused');
export const reconnects = new Counter('parley_reconnects');
/** From the loss of a connection to the welcome of the next. */
export const backMs = new Trend('parley_back_ms', true);
export const acked = new Counter('parley_acked');
/** From sending to the acknowledgment, retries included. */
export const ackMs = new Trend('parley_ack_ms', true);
export const received = new Counter('parley_received');
/** From sending, by the sender's clock, to its being here. */
export const deliveryMs = new Trend('parley_delivery_ms', true);
/** Acknowledged to its sender and not here. */
export const missing = new Counter('parley_missing');
/** Here more than once. */
export const repeated = new Counter('parley_repeated');
/** Here before something that is older. */
export const disorder = new Counter('parley_disorder');
/** What must not happen; the log says what it was. */
export const broken = new Counter('parley_broken');
/** Who has compared what was acknowledged with what came: a script expects everyone. */
export const checked = new Counter('parley_checked');

/** Of every script that checks messages. `checks` comparisons must have been made; `more` are its own. */
export function thresholds(checks: number, more: Record<string, string[]> = {}): Record<string, string[]> {
  return {
    parley_missing: ['count==0'],
    parley_repeated: ['count==0'],
    parley_disorder: ['count==0'],
    parley_broken: ['count==0'],
    parley_checked: [`count==${checks}`],
    ...more,
  };
}

/** So that a run in which nothing went wrong says 0 and not nothing. */
export function zero(): void {
  for (const counter of [missing, repeated, disorder, broken, refused, reconnects]) counter.add(0);
}

export function complain(what: string): void {
  broken.add(1);
  console.error(what);
}
