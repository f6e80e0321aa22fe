import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 10;

/**
 * Asks until the answer is neither `undefined` nor `false`, and returns it. A throwing question counts as "not yet".
 * After `deadlineMs` it fails, saying what was waited for and what the last question threw.
 */
export async function waitFor<T>(
  question: () => T | Promise<T>,
  what = 'the awaited state',
  deadlineMs = 5_000,
): Promise<Exclude<T, undefined | false>> {
  const started = performance.now();
  let thrown: unknown;
  for (;;) {
    try {
      const answer = await question();
      if (isThere(answer)) return answer;
      thrown = undefined;
    } catch (error) {
      thrown = error;
    }
    const waited = Math.round(performance.now() - started);
    if (waited > deadlineMs) {
      throw new Error(`waited ${String(waited)} ms in vain for ${what}`, thrown === undefined ? {} : { cause: thrown });
    }
    await sleep(INTERVAL_MS);
  }
}

function isThere<T>(answer: T): answer is Exclude<T, undefined | false> {
  return answer !== undefined && answer !== false;
}

/** The promise's value, or a failure that names what did not come in time. */
export async function within<T>(deadlineMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} did not come within ${String(deadlineMs)} ms`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
