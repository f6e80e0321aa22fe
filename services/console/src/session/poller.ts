import { useEffect, useSyncExternalStore } from 'react';
import { Store } from './store.js';

export interface Polled<T> {
  /** The newest answer, also while there is an error. */
  readonly value: T | undefined;
  /** Of the last attempt; undefined when it went well. */
  readonly error: unknown;
}

const LONGEST_MS = 30_000;

/** Asks again and again: one question at a time, more rarely while it fails, not at all while nobody looks. */
export class Poller<T> {
  readonly state = new Store<Polled<T>>({ value: undefined, error: undefined });
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private asking: Promise<void> | undefined;
  private failures = 0;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly everyMs: number,
  ) {}

  /** Until what it returns is called. */
  readonly start = (): (() => void) => {
    this.running = true;
    document.addEventListener('visibilitychange', this.looked);
    void this.now();
    return () => {
      this.running = false;
      document.removeEventListener('visibilitychange', this.looked);
      clearTimeout(this.timer);
    };
  };

  /** Something has changed that the next answer will show. */
  readonly now = async (): Promise<void> => {
    // What is under way may have been answered before the change.
    await this.asking;
    this.asking ??= this.once().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  };

  private readonly looked = (): void => {
    if (document.visibilityState === 'visible') void this.now();
    else clearTimeout(this.timer);
  };

  private async once(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const value = await this.ask();
      this.failures = 0;
      this.state.set({ value, error: undefined });
    } catch (error) {
      this.failures += 1;
      this.state.set({ ...this.state.get(), error });
    }
    if (!this.running || document.visibilityState !== 'visible') return;
    const wait = Math.min(this.everyMs * 2 ** Math.min(this.failures, 5), Math.max(LONGEST_MS, this.everyMs));
    this.timer = setTimeout(() => void this.now(), wait);
  }
}

/** Asks as long as the component is there. */
export function usePolled<T>(poller: Poller<T>): Polled<T> {
  useEffect(poller.start, [poller]);
  return useSyncExternalStore(poller.state.subscribe, poller.state.get);
}
