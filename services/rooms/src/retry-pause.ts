const FIRST_MS = 250;
const LONGEST_MS = 4_000;

/**
 * How long to wait after so many failures in a row, ms. It doubles, and a half of it is random, so that many who wait for the
 * same thing do not come back at once. The longest is below the deadline of an operation that waits for it.
 */
export function retryPause(failures: number, random: () => number = Math.random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return full / 2 + (random() * full) / 2;
}
