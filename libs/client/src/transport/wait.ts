import { ParleyError } from './parley-error.js';
import type { Timers } from './timers.js';

/** Bounds of one wait. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** ms; the wait then fails with `timeout`. */
  readonly timeoutMs?: number | undefined;
}

export interface Settle<T> {
  resolve(value: T): void;
  reject(error: ParleyError): void;
}

/** A promise that cannot outlive its deadline or its signal. `begin` returns what to undo once it is settled. */
export function wait<T>(
  timers: Timers,
  what: string,
  { signal, timeoutMs }: WaitOptions,
  begin: (settle: Settle<T>) => (() => void) | undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const undo: (() => void)[] = [];
    let settled = false;
    const isSettled = (): boolean => settled;
    const finish = (deliver: () => void): void => {
      if (settled) return;
      settled = true;
      for (const one of undo) one();
      deliver();
    };
    const settle: Settle<T> = {
      resolve: (value) => finish(() => resolve(value)),
      reject: (error) => finish(() => reject(error)),
    };
    const aborted = (): void =>
      settle.reject(new ParleyError('aborted', `${what}: aborted`, { cause: signal?.reason }));
    if (signal?.aborted === true) {
      aborted();
      return;
    }
    if (signal !== undefined) {
      signal.addEventListener('abort', aborted);
      undo.push(() => signal.removeEventListener('abort', aborted));
    }
    if (timeoutMs !== undefined && timeoutMs < Infinity) {
      const late = new ParleyError('timeout', `${what}: no answer within ${timeoutMs} ms`);
      undo.push(timers.after(timeoutMs, () => settle.reject(late)));
    }
    const end = begin(settle);
    if (end === undefined) return;
    if (isSettled()) end();
    else undo.push(end);
  });
}
