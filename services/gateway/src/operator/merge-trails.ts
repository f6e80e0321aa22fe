import type { GatewayId, TrailEntry } from '@parley/contracts';

export interface MergedEntry extends TrailEntry {
  /** Of `logged_in`: the gateway that the same login left just before. */
  readonly movedFrom?: GatewayId;
}

/** Longer away than this, and it has come back rather than moved. */
const MOVED_WITHIN_MS = 5 * 60_000;

/** What happens in one millisecond happens in this order. */
const order: Readonly<Record<TrailEntry['what'], number>> = { connected: 0, logged_in: 1, refused: 1, closed: 2 };

/** The entries of all gateways, newest first. A close and a login of the same login and dialect elsewhere are a move. */
export function mergeTrails(entries: readonly TrailEntry[]): readonly MergedEntry[] {
  const sorted = [...entries].sort((a, b) => a.at - b.at || order[a.what] - order[b.what]);
  const left = new Map<string, TrailEntry>();
  const merged = sorted.map((entry): MergedEntry => {
    const key = `${entry.loginId} ${entry.dialect}`;
    if (entry.what === 'closed') left.set(key, entry);
    if (entry.what !== 'logged_in') return entry;
    const before = left.get(key);
    left.delete(key);
    if (before === undefined || before.gatewayId === entry.gatewayId) return entry;
    return entry.at - before.at > MOVED_WITHIN_MS ? entry : { ...entry, movedFrom: before.gatewayId };
  });
  return merged.reverse();
}
