import { Ledger } from './ledger.js';
import { checked, complain, disorder, missing, repeated } from './measures.js';
import { pause } from './rest.js';
import type { Dialect } from './settings.js';

/** How long what was acknowledged may still be on its way. */
const SETTLE_MS = 20_000;
const LOOK_MS = 100;

/** Everything that was acknowledged to anybody is here, once and in order: the question of every script. */
export async function compare(dialect: Dialect, ledger: Ledger, acknowledged: readonly string[]): Promise<void> {
  const all = await settles(() => ledger.missing(acknowledged).length === 0);
  const tags = { dialect };
  const gone = ledger.missing(acknowledged);
  missing.add(gone.length, tags);
  repeated.add(ledger.repeated, tags);
  disorder.add(ledger.disorder, tags);
  checked.add(1, tags);
  if (!all)
    complain(`${dialect}: ${gone.length} of ${acknowledged.length} did not come: ${gone.slice(0, 5).join(' ')}`);
}

/** False: not in time. */
export async function settles(question: () => boolean, withinMs = SETTLE_MS): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!question()) {
    if (Date.now() > deadline) return false;
    await pause(LOOK_MS);
  }
  return true;
}

/** Of lists of ids that several have posted. */
export function idsOf(entries: readonly unknown[]): readonly string[] {
  return entries.flatMap((entry) => (Array.isArray(entry) ? entry.filter((id) => typeof id === 'string') : []));
}
