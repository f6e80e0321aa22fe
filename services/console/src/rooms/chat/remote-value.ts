import { Store } from '../../session/store.js';

/** Something that the server has, as far as it is known here. */
export type Remote<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: unknown }
  /** `error`: the newest attempt to read it again failed; the value may be old. */
  | { readonly state: 'ready'; readonly value: T; readonly error: unknown };

/** A copy of what the server has: read when asked for, one request at a time, kept when reading it again fails. */
export class RemoteValue<T> {
  readonly state = new Store<Remote<T>>({ state: 'loading' });
  private running: Promise<void> | undefined;
  private outdated = false;

  constructor(private readonly read: () => Promise<T>) {}

  get value(): T | undefined {
    const state = this.state.get();
    return state.state === 'ready' ? state.value : undefined;
  }

  /** Resolves when it has been read by a request that began after this call. Never rejects: `state` says how it went. */
  async reload(): Promise<void> {
    if (this.running !== undefined) this.outdated = true;
    this.running ??= this.run();
    await this.running;
  }

  /** What is known without asking; an answer that is under way is older than this. */
  set(value: T): void {
    if (this.running !== undefined) this.outdated = true;
    this.state.set({ state: 'ready', value, error: undefined });
  }

  /** The same, of what is there; nothing when nothing is. */
  update(change: (value: T) => T): void {
    const { value } = this;
    if (this.running !== undefined) this.outdated = true;
    if (value !== undefined) this.set(change(value));
  }

  private async run(): Promise<void> {
    if (this.state.get().state === 'failed') this.state.set({ state: 'loading' });
    do {
      this.outdated = false;
      try {
        const value = await this.read();
        if (!this.isOutdated()) this.state.set({ state: 'ready', value, error: undefined });
      } catch (error) {
        const { value } = this;
        this.state.set(value === undefined ? { state: 'failed', error } : { state: 'ready', value, error });
        break;
      }
    } while (this.isOutdated());
    this.running = undefined;
  }

  private isOutdated(): boolean {
    return this.outdated;
  }
}
