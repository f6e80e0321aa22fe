/**
 * Many who ask for the same at the same time are given one answer. Who asks while a question is under way needs an answer to
 * a question that was put after theirs, so they share the next one.
 */
export class SharedReads<T> {
  private readonly running = new Map<string, Promise<T>>();
  private readonly next = new Map<string, Promise<T>>();

  /** `ask` must not reject. */
  share(key: string, ask: () => Promise<T>): Promise<T> {
    const running = this.running.get(key);
    if (running === undefined) return this.start(key, ask);
    const waiting = this.next.get(key);
    if (waiting !== undefined) return waiting;
    const next = running.then(() => {
      this.next.delete(key);
      return this.start(key, ask);
    });
    this.next.set(key, next);
    return next;
  }

  private start(key: string, ask: () => Promise<T>): Promise<T> {
    const asked = ask().finally(() => {
      if (this.running.get(key) === asked) this.running.delete(key);
    });
    this.running.set(key, asked);
    return asked;
  }
}
