import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '@parley/testing';
import { cheap, type World } from './world.js';

const READY_MS = 20_000;

/** The service as it runs in life: a process of its own, ready when this resolves. */
export async function startProcess(world: World, env: Record<string, string> = {}): Promise<Child> {
  const child = await spawnProcess(world, env);
  await child.line('its readiness', READY_MS, (line) => (line.includes('"ready":true') ? line : undefined));
  return child;
}

export function spawnProcess(world: World, env: Record<string, string> = {}): Promise<Child> {
  return startChild({
    name: 'auth',
    command: process.execPath,
    args: [fileURLToPath(new URL('../../dist/main.js', import.meta.url))],
    env: {
      PATH: process.env['PATH'],
      PARLEY_NATS_URL: world.natsUrl,
      PARLEY_DATABASE_URL: world.databaseUrl,
      PARLEY_METRICS_PORT: '0',
      PARLEY_ANNOUNCE: '1',
      ...cheap,
      ...env,
    },
  });
}
