import { observe } from '@parley/telemetry';

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
