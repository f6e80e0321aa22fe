/** What docs/operations.md asks of clients: full jitter from a second, doubling, at most half a minute. */
const LEAST_MS = 100;
const BASE_MS = 1_000;
const MOST_MS = 30_000;

/** ms before the next attempt, after so many failures in a row; `leastMs` where the server has asked for patience. */
export function waitAfter(failures: number, leastMs = 0, random: () => number = Math.random): number {
  const ceiling = Math.min(MOST_MS, BASE_MS * 2 ** Math.min(failures, 10));
  return Math.round(Math.max(leastMs, LEAST_MS + random() * (ceiling - LEAST_MS)));
}

/** Whoever was refused for what it is, or said, would be refused again. The rest is worth another try. */
const FINAL = new Set([1000, 1002, 1003, 1007, 1008, 1009, 4001, 4002]);

export function comesBack(code: number): boolean {
  return !FINAL.has(code);
}
