// How long until a viewer has the device's answer: request, TURN credentials, offer, answer, and the end told to both;
// signals byte for byte as they were sent. Watch; each VU is a device and its viewer, on two gateways where there are two.
import { scenario } from 'k6/execution';
import { watchSessions } from './clients/watch-pair.js';
import { registerUsers, userAt } from './lib/accounts.js';
import { thresholds, zero } from './lib/measures.js';
import { oneClientEach } from './lib/options.js';
import { patience, seconds, vus } from './lib/settings.js';

export { handleSummary } from './lib/summary.js';

export const options = oneClientEach(
  thresholds(vus, {
    parley_watch_setup_ms: [`p(95)<${2_000 * patience}`],
    parley_watch_sessions: [`count>=${vus}`],
  }),
);

export function setup(): void {
  zero();
  registerUsers(vus);
}

export default async function (): Promise<void> {
  const index = scenario.iterationInTest;
  const owner = await userAt(index);
  const until = Date.now() + seconds * 1_000;
  await watchSessions(owner, index, () => Date.now() > until);
}
