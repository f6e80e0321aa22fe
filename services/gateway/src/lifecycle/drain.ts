import type { Connection } from '../socket/connection.js';

const TICK_MS = 100;

/**
 * Ends all connections with `shutdown`, in random order, evenly over the window, so that those who come back do not come
 * all at once. Resolves when the last one is ended.
 */
export async function drain(connections: () => readonly Connection[], windowMs: number): Promise<void> {
  const waiting = shuffled(connections());
  const ticks = Math.max(1, Math.floor(windowMs / TICK_MS));
  const perTick = Math.ceil(waiting.length / ticks);
  while (waiting.length > 0) {
    for (const connection of waiting.splice(0, perTick)) connection.end('shutdown');
    if (waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  // Who was let in at the last moment.
  for (const connection of connections()) connection.end('shutdown');
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
