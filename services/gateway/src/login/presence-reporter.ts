import type { Bus } from '@parley/bus';
import {
  presence,
  shardOf,
  type ConnectionId,
  type GatewayId,
  type OpenedConnection,
  type UserId,
} from '@parley/contracts';
import { inTrace, sampledTraceparent } from '@parley/telemetry';

export type Verdict = 'accepted' | 'refused';

interface Closed {
  readonly connectionId: ConnectionId;
  readonly userId: UserId;
}

type Change =
  | {
      readonly type: 'opened';
      readonly info: OpenedConnection;
      /** Of the login, if it is recorded. */
      readonly trace: string | undefined;
      answer: ((verdict: Verdict) => void) | undefined;
    }
  | { readonly type: 'closed'; readonly info: Closed; readonly trace?: undefined };

interface Lane {
  changes: Change[];
  running: boolean;
}

const BATCH = 500;
const MAX_WAITING = 200_000;
const RETRY_MS = 500;

/**
 * Tells presence who came and went. Per shard one report is under way at a time and what happens meanwhile goes with the
 * next, so a storm of ten thousand connections is some dozens of reports, in order.
 */
export class PresenceReporter {
  private readonly lanes = new Map<number, Lane>();
  private waiting = 0;
  private stopped = false;

  constructor(
    private readonly bus: Pick<Bus, 'call'>,
    private readonly gatewayId: GatewayId,
    /** A connection that was let in while presence could not be asked, and should not have been. */
    private readonly refusedLate: (connectionId: ConnectionId) => void,
    /** How long a newcomer waits for presence before being let in without its word. */
    private readonly patienceMs: number,
    private readonly dropped: (changes: number, why: string) => void,
  ) {}

  opened(info: OpenedConnection): Promise<Verdict> {
    return new Promise((resolve) => {
      const change: Change = { type: 'opened', info, trace: sampledTraceparent(), answer: resolve };
      const timer = setTimeout(() => {
        change.answer = undefined;
        resolve('accepted');
      }, this.patienceMs);
      change.answer = (verdict) => {
        clearTimeout(timer);
        resolve(verdict);
      };
      this.enqueue(info.userId, change);
    });
  }

  closed(info: Closed): void {
    this.enqueue(info.userId, { type: 'closed', info });
  }

  /** After this gateway's lease may have been judged lost: says again who is here. Safe to repeat. */
  repeat(all: Iterable<OpenedConnection>): void {
    for (const info of all) this.enqueue(info.userId, { type: 'opened', info, trace: undefined, answer: undefined });
  }

  /** Sends what is left, as far as the deadline allows. */
  async stop(deadlineMs: number): Promise<void> {
    const deadline = Date.now() + deadlineMs;
    while (this.waiting > 0 && Date.now() < deadline) await sleep(20);
    this.stopped = true;
  }

  private enqueue(userId: UserId, change: Change): void {
    const shard = shardOf(userId);
    let lane = this.lanes.get(shard);
    if (lane === undefined) {
      lane = { changes: [], running: false };
      this.lanes.set(shard, lane);
    }
    if (this.waiting >= MAX_WAITING) {
      // The leases will set right what is dropped here.
      if (change.type === 'opened') change.answer?.('accepted');
      return;
    }
    this.waiting += 1;
    lane.changes.push(change);
    if (!lane.running) {
      lane.running = true;
      // What comes in the same moment goes together.
      setImmediate(() => void this.drain(shard, lane));
    }
  }

  private async drain(shard: number, lane: Lane): Promise<void> {
    while (lane.changes.length > 0 && !this.stopped) {
      const batch = lane.changes.slice(0, BATCH);
      const trace = batch.find((change) => change.trace !== undefined)?.trace;
      if (!(await inTrace(trace, () => this.report(shard, batch)))) {
        await sleep(RETRY_MS);
        continue;
      }
      lane.changes.splice(0, batch.length);
      this.waiting -= batch.length;
    }
    lane.running = false;
  }

  private async report(shard: number, batch: readonly Change[]): Promise<boolean> {
    const opened: OpenedConnection[] = [];
    const closed: Closed[] = [];
    for (const change of batch) {
      if (change.type === 'opened') opened.push(change.info);
      else closed.push(change.info);
    }
    const outcome = await this.bus.call(presence.report, { shard, gatewayId: this.gatewayId, opened, closed });
    // What can't be understood will not be understood next time either, and must not hold up what is behind it.
    if (!outcome.ok && outcome.error.code !== 'invalid') return false;
    if (!outcome.ok) {
      this.dropped(batch.length, outcome.error.message);
      for (const change of batch) if (change.type === 'opened') change.answer?.('accepted');
      return true;
    }
    const refused = new Set(outcome.value.refused);
    for (const change of batch) {
      if (change.type !== 'opened') continue;
      const { connectionId } = change.info;
      if (change.answer !== undefined) change.answer(refused.has(connectionId) ? 'refused' : 'accepted');
      else if (refused.has(connectionId)) this.refusedLate(connectionId);
    }
    return true;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
