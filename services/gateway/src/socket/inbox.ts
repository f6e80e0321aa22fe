/** One thing for a session to do; a promise when it has to wait. */
export type Task = () => Promise<void> | undefined;

export interface InboxLimits {
  /** Waiting frames beyond which the socket is no longer read. */
  readonly frames: number;
  readonly bytes: number;
}

/**
 * What a connection has been told but not dealt with: one task at a time, in order. Frames are bounded by not reading the
 * socket; everything else that comes (timers, events) is bounded by `tasks`, beyond which `push` says no.
 */
export class Inbox {
  private readonly waiting: { readonly task: Task; readonly bytes: number; readonly since: number }[] = [];
  private busy = false;
  private waitingBytes = 0;
  private reading = true;
  private closed = false;

  constructor(
    private readonly limits: InboxLimits,
    private readonly maxTasks: number,
    private readonly read: (on: boolean) => void,
    private readonly failed: (error: unknown) => void,
    /** A frame, and all that it asked for, is dealt with; `since` is what it was pushed with. */
    private readonly handled: (since: number) => void = () => undefined,
  ) {}

  /** False: too much waits already. `bytes` is the frame's size and `since` when it came, both 0 for other tasks. */
  push(task: Task, bytes: number, since = 0): boolean {
    if (this.closed) return true;
    if (!this.busy) {
      this.start(task, since);
      return true;
    }
    if (this.waiting.length >= this.maxTasks) return false;
    this.waiting.push({ task, bytes, since });
    this.waitingBytes += bytes;
    if (this.reading && (this.waiting.length >= this.limits.frames || this.waitingBytes >= this.limits.bytes)) {
      this.reading = false;
      this.read(false);
    }
    return true;
  }

  /** Forgets what waits; the task under way ends by itself. */
  close(): void {
    this.closed = true;
    this.waiting.length = 0;
  }

  private start(task: Task, since: number): void {
    const running = this.attempt(task);
    if (running === undefined) {
      if (since !== 0) this.handled(since);
      return;
    }
    this.busy = true;
    running.then(
      () => {
        if (since !== 0) this.handled(since);
        this.next();
      },
      (error: unknown) => {
        this.failed(error);
        this.next();
      },
    );
  }

  private next(): void {
    this.busy = false;
    this.startWaiting();
    if (!this.reading && this.waiting.length < this.limits.frames / 2 && this.waitingBytes < this.limits.bytes / 2) {
      this.reading = true;
      if (!this.closed) this.read(true);
    }
  }

  /** Until one of them has to wait, or none is left. */
  private startWaiting(): void {
    for (let entry = this.waiting.shift(); entry !== undefined; entry = this.waiting.shift()) {
      this.waitingBytes -= entry.bytes;
      this.start(entry.task, entry.since);
      if (this.isBusy()) return;
    }
  }

  private isBusy(): boolean {
    return this.busy;
  }

  private attempt(task: Task): Promise<void> | undefined {
    try {
      return task();
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }
}
