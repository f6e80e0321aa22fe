import type { Timers } from './timers.js';

export interface HeartbeatOptions {
  /** A sign of life is asked for this often; default 25 s. Servers end connections that are silent for 75 s. */
  readonly intervalMs?: number;
  /** How long after the question something has to come; default 10 s. */
  readonly deadlineMs?: number;
}

/**
 * Notices a half-open socket: the network is gone and nobody said so, so that the socket would look open for minutes. It
 * asks at intervals, whatever else comes, because servers want to hear from their clients; any frame counts as the answer.
 */
export class Watchdog {
  private readonly interval: number;
  private readonly deadline: number;
  private cancelNext: (() => void) | undefined;
  private cancelDeadline: (() => void) | undefined;

  constructor(
    private readonly timers: Timers,
    { intervalMs = 25_000, deadlineMs = 10_000 }: HeartbeatOptions,
    private readonly ask: () => void,
    private readonly dead: () => void,
  ) {
    this.interval = intervalMs;
    this.deadline = deadlineMs;
  }

  start(): void {
    this.stop();
    this.rearm();
  }

  heard(): void {
    this.cancelDeadline?.();
    this.cancelDeadline = undefined;
  }

  /** Asks now, such as when the device wakes up. A question that is open already keeps its deadline. */
  check(deadlineMs = this.deadline): void {
    if (this.cancelNext === undefined) return;
    this.cancelNext();
    this.rearm();
    this.cancelDeadline ??= this.timers.after(deadlineMs, () => {
      this.stop();
      this.dead();
    });
    this.ask();
  }

  stop(): void {
    this.cancelNext?.();
    this.cancelNext = undefined;
    this.heard();
  }

  private rearm(): void {
    this.cancelNext = this.timers.after(this.interval, () => this.check());
  }
}
