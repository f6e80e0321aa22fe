import type { Presence } from '@parley/contracts';

/** A bus message holds 1 MiB; the rest is for its head and headers. */
const BUDGET_BYTES = 900 * 1_024;

/** As many from the front as fit one bus message. */
export function fitting(presences: readonly Presence[], budget = BUDGET_BYTES): Presence[] {
  let used = 0;
  const fit: Presence[] = [];
  for (const presence of presences) {
    used += Buffer.byteLength(JSON.stringify(presence)) + 1;
    if (used > budget) break;
    fit.push(presence);
  }
  return fit;
}
