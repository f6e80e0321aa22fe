import { setTimeout as wait } from 'node:timers/promises';

/** Does not keep the process alive. */
export function sleep(ms: number): Promise<void> {
  return wait(Math.max(0, ms), undefined, { ref: false });
}

/** The promise's value, or `late` after `ms`. The promise must not reject. */
export async function withDeadline<T, L>(promise: Promise<T>, ms: number, late: L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<L>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms), late);
    timer.unref();
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** 20 ms, doubling up to `maxMs`, with half of it random so that many who wait do not come back at once. */
export function backoff(attempt: number, maxMs: number): number {
  const full = Math.min(maxMs, 20 * 2 ** Math.min(attempt, 16));
  return full / 2 + (Math.random() * full) / 2;
}
