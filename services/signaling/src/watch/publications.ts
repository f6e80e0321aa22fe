/** An event that was just written is published within milliseconds, or the bus is in trouble. */
const PATIENCE_MS = 3_000;

/** An event of the outbox that somebody wants to see published. */
export class Announcement {
  #published = false;
  #wake: () => void = () => undefined;
  readonly #patience: Promise<void>;

  constructor(readonly messageId: string) {
    this.#patience = new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Waits for it, as long as that may take after it was written; later than that it only says how it is. */
  async isPublished(): Promise<boolean> {
    await this.#patience;
    return this.#published;
  }

  come(): void {
    this.#published = true;
    this.#wake();
  }

  /** Nobody asks any more. */
  drop(): void {
    this.#wake();
  }
}

/** Which events of the outbox have been published. Whoever expects one forgets it: there are as many as are asked about. */
export class Publications {
  readonly #expected = new Map<string, Announcement>();

  /** Ask before it can be published. */
  expect(messageId: string): Announcement {
    const announcement = new Announcement(messageId);
    this.#expected.set(messageId, announcement);
    return announcement;
  }

  forget(announcement: Announcement): void {
    this.#expected.delete(announcement.messageId);
    announcement.drop();
  }

  published(messageId: string): void {
    this.#expected.get(messageId)?.come();
    this.#expected.delete(messageId);
  }
}
