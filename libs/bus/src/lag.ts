import type { Link } from './link.js';
import { withDeadline } from './sleep.js';

const EVERY_MS = 2_000;

/**
 * Watches how far behind we are. A ping's answer comes after everything that the server has sent us before, so its round
 * trip is the age of what we read now: a process that cannot keep up sees it grow, long before NATS cuts it off.
 */
export function watchLag(link: Link, limitMs: number): { stop(): void } {
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking || link.status !== 'connected') return;
    asking = true;
    const startedAt = performance.now();
    const answered = link.nc.flush().then(
      () => 'answered' as const,
      () => 'broken' as const,
    );
    const result = await withDeadline(answered, limitMs, 'late' as const);
    if (result === 'answered') {
      link.metrics.roundTrip((performance.now() - startedAt) / 1_000);
      link.settle('lag');
    } else if (result === 'late') {
      link.raise('lag', { code: 'unavailable', message: `The bus is more than ${String(limitMs)} ms behind.` });
      await answered;
    }
    asking = false;
  };
  const timer = setInterval(() => void ask(), EVERY_MS);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}
