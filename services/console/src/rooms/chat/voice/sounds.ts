import { Store } from '../../../session/store.js';

/** What is heard of others: an audio element each. */
export class Sounds {
  /** The browser wants a click before it plays anything. */
  readonly blocked = new Store(false);
  private readonly elements = new Map<string, HTMLAudioElement>();
  private silent = false;

  readonly play = (userId: string, stream: MediaStream | undefined): void => {
    const before = this.elements.get(userId);
    if (stream === undefined) {
      if (before !== undefined) before.srcObject = null;
      this.elements.delete(userId);
      if (this.elements.size === 0) this.blocked.set(false);
      return;
    }
    const element = before ?? new Audio();
    this.elements.set(userId, element);
    element.srcObject = stream;
    element.muted = this.silent;
    this.begin(element);
  };

  /** For who is deafened. */
  silence(silent: boolean): void {
    this.silent = silent;
    for (const element of this.elements.values()) element.muted = silent;
  }

  /** After a click. */
  unblock(): void {
    this.blocked.set(false);
    for (const element of this.elements.values()) this.begin(element);
  }

  private begin(element: HTMLAudioElement): void {
    element.play().catch((error: unknown) => {
      if (error instanceof Error && error.name === 'NotAllowedError') this.blocked.set(true);
    });
  }
}
