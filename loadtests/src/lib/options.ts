import type { Options } from 'k6/options';
import { seconds, vus } from './settings.js';

/** For logging in, settling and comparing, beside the time in which messages are sent. */
const MARGIN_SECONDS = 120;

/** Every VU is one client, from its login to its comparison. */
export function oneClientEach(thresholds: Record<string, string[]>, clients = vus): Options {
  return {
    scenarios: {
      clients: {
        executor: 'per-vu-iterations',
        vus: clients,
        iterations: 1,
        maxDuration: `${Math.ceil(seconds + MARGIN_SECONDS)}s`,
        gracefulStop: '1s',
      },
    },
    setupTimeout: '180s',
    thresholds,
    summaryTrendStats: ['min', 'med', 'avg', 'p(90)', 'p(95)', 'p(99)', 'max', 'count'],
    // The certificates of a test cluster are nobody's business, and names are never looked up twice.
    noConnectionReuse: false,
  };
}
