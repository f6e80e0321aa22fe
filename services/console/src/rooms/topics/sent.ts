import { Store } from '../../session/store.js';

/** Something that was sent, and what became of it. */
export interface Sent<R> {
  readonly key: number;
  readonly to: string;
  readonly payload: unknown;
  readonly at: number;
  readonly state: 'sending' | 'done' | 'failed';
  readonly receipt: R | undefined;
  readonly error: unknown;
}

const KEPT = 50;

/**
 * What was sent lately, newest last. One that failed can be sent again; under the same id, so that it arrives once even if only the
 * answer was lost.
 */
export class SentList<R> {
  readonly state = new Store<readonly Sent<R>[]>([]);
  private readonly ids = new Map<number, string>();
  private count = 0;

  constructor(private readonly perform: (to: string, payload: unknown, id: string) => Promise<R>) {}

  send(to: string, payload: unknown): void {
    this.count += 1;
    const sent = { key: this.count, to, payload, at: Date.now(), error: undefined, receipt: undefined } as const;
    this.state.set([...this.state.get(), { ...sent, state: 'sending' as const }].slice(-KEPT));
    void this.run(sent.key, `${String(Date.now())}-${String(this.count)}-${Math.random().toString(36).slice(2)}`);
  }

  retry(key: number): void {
    const id = this.ids.get(key);
    if (id !== undefined) void this.run(key, id);
  }

  private async run(key: number, id: string): Promise<void> {
    const sent = this.state.get().find((one) => one.key === key);
    if (sent === undefined) return;
    this.ids.set(key, id);
    this.change(key, { state: 'sending', error: undefined });
    try {
      this.change(key, { state: 'done', receipt: await this.perform(sent.to, sent.payload, id) });
      this.ids.delete(key);
    } catch (error) {
      this.change(key, { state: 'failed', error });
    }
    const kept = new Set(this.state.get().map((one) => one.key));
    for (const one of this.ids.keys()) if (!kept.has(one)) this.ids.delete(one);
  }

  private change(key: number, change: Partial<Sent<R>>): void {
    this.state.set(this.state.get().map((one) => (one.key === key ? { ...one, ...change } : one)));
  }
}
