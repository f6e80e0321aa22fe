import { histogram, observe } from '@parley/telemetry';

/** The instrumentation of `pg` measures only what belongs to a trace. */
export const statementSeconds = histogram('parley.database.statement.duration', {
  unit: 's',
  description: 'Statements of the pool, from being sent to their result, by outcome: ok or failed.',
});
export const connectionWait = histogram('parley.database.wait.duration', {
  unit: 's',
  description: 'Waits for a connection of the pool, by outcome: ok or failed.',
});

const OK = { outcome: 'ok' };
const FAILED = { outcome: 'failed' };

/** Times `work`, and passes on what comes of it. */
export async function timed<T>(
  metric: { record(seconds: number, labels: typeof OK): void },
  work: Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  try {
    const result = await work;
    metric.record((performance.now() - startedAt) / 1_000, OK);
    return result;
  } catch (error) {
    metric.record((performance.now() - startedAt) / 1_000, FAILED);
    throw error;
  }
}

export interface PoolUsage {
  readonly size: number;
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

/** Watches the pool until it is told to stop. Waiting callers mean that the pool is too small or Postgres too slow. */
export function watchPool(usage: () => PoolUsage): { stop(): void } {
  const connections = observe(
    'parley.database.connections',
    { unit: '{connection}', description: 'Connections of the pool to Postgres, by state: used or idle.' },
    () => {
      const { open, idle } = usage();
      return [
        { value: open - idle, attributes: { state: 'used' } },
        { value: idle, attributes: { state: 'idle' } },
      ];
    },
  );
  const limit = observe(
    'parley.database.connections.limit',
    { unit: '{connection}', description: 'Connections that the pool may open.' },
    () => usage().size,
  );
  const waiting = observe(
    'parley.database.waiting',
    { unit: '{caller}', description: 'Callers that wait for a connection of the pool.' },
    () => usage().waiting,
  );
  return {
    stop() {
      for (const each of [connections, limit, waiting]) each.stop();
    },
  };
}
