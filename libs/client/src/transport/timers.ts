/** Time and chance; tests bring their own. */
export interface Timers {
  /** ms since 1970 */
  now(): number;
  /** Returns how to cancel it. */
  after(ms: number, run: () => void): () => void;
  /** 0 ≤ x < 1 */
  random(): number;
}

export const realTimers: Timers = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
