/** What an event that was just written is waited for: it is published within milliseconds, or the bus is in trouble. */
const PATIENCE_MS = 3_000;

/** Where in the stream the events ended up that somebody waits for. */
export class Positions {
  readonly #waiting = new Map<string, (sequence: number | undefined) => void>();

  /** Ask before it can be published. Undefined when it is not published in time. */
  expect(messageId: string): Promise<number | undefined> {
    return new Promise((resolve) => {
      const settle = (sequence: number | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(messageId);
        resolve(sequence);
      };
      const timer = setTimeout(settle, PATIENCE_MS, undefined).unref();
      this.#waiting.set(messageId, settle);
    });
  }

  published(messageId: string, sequence: number): void {
    this.#waiting.get(messageId)?.(sequence);
  }
}
