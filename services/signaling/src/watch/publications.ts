/** An event that was just written is published within milliseconds, or the bus is in trouble. */
const PATIENCE_MS = 3_000;

/** Whether events of the outbox have been published. */
export class Publications {
  readonly #waiting = new Map<string, (published: boolean) => void>();

  /** Ask before it can be published. False: not in time. */
  expect(messageId: string): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (published: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(messageId);
        resolve(published);
      };
      const timer = setTimeout(settle, PATIENCE_MS, false).unref();
      this.#waiting.set(messageId, settle);
    });
  }

  published(messageId: string): void {
    this.#waiting.get(messageId)?.(true);
  }
}
