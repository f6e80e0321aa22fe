import type { Outcome } from '@parley/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 30_000;

/** What is asked of a service that has just started and does not have all of its shards yet. */
export async function patiently<T>(service: string, ask: () => Promise<Outcome<T>>): Promise<T> {
  const until = performance.now() + READY_MS;
  for (;;) {
    const outcome = await ask();
    if (outcome.ok) return outcome.value;
    if (performance.now() > until) throw new Error(`${service} is not ready: ${outcome.error.message}`);
    await sleep(100);
  }
}
