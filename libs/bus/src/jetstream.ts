import { jetstreamManager, JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { fail, type Outcome } from '@parley/contracts';
import type { Link } from './link.js';
import { withDeadline } from './sleep.js';

const REQUEST_MS = 2_000;

/** JetStream's own request interface, for everything that is not hot. */
export type Manager = JetStreamManager;

export function openManager(link: Link): Promise<Manager> {
  // Without its check, which asks NATS something; we shall hear soon enough.
  return jetstreamManager(link.nc, { timeout: REQUEST_MS, checkAPI: false });
}

/** Runs `work` within a deadline; what it throws is an outcome. */
export async function attempt<T>(
  link: Link,
  deadlineMs: number,
  what: string,
  work: () => Promise<T>,
): Promise<Outcome<T, 'unavailable' | 'timeout'>> {
  if (!(await link.whenConnected(deadlineMs))) return fail('unavailable', `${what}: not connected to NATS.`);
  const guarded = work().then(
    (value): Outcome<T, 'unavailable' | 'timeout'> => ({ ok: true, value }),
    (error: unknown) => {
      const said = error instanceof Error ? error.message : String(error);
      link.logger.warn({ reason: said, code: errorCode(error) }, `${what} failed`);
      return fail('unavailable', `${what}: ${said}`);
    },
  );
  return withDeadline(guarded, deadlineMs, fail('timeout', `${what}: no answer in time.`));
}

/** JetStream's error number, such as 10059 for a stream that does not exist; 0 when it is none of its errors. */
export function errorCode(error: unknown): number {
  return error instanceof JetStreamApiError ? error.code : 0;
}
