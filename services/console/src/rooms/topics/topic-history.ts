import type { HistoryPage, TopicsClient } from '@parley/client';
import { Store } from '../../session/store.js';

export interface HistoryState {
  readonly topic: string | undefined;
  /** Newest last. */
  readonly messages: HistoryPage['messages'];
  readonly more: boolean;
  readonly loading: boolean;
  readonly error: unknown;
}

const NONE: HistoryState = { topic: undefined, messages: [], more: false, loading: false, error: undefined };
const PAGE = 20;
/** As many as a topic keeps at most by default, and some. */
const KEPT = 500;

/** The past of one topic, in pages. */
export class TopicHistory {
  readonly state = new Store<HistoryState>(NONE);

  constructor(private readonly client: Pick<TopicsClient, 'history'>) {}

  /** The newest page of a topic, in place of what is there. */
  async read(topic: string): Promise<void> {
    this.state.set({ ...NONE, topic, loading: true });
    await this.page(topic, undefined);
  }

  async older(): Promise<void> {
    const { topic, messages, more, loading } = this.state.get();
    const before = messages[0]?.metadata.sequence;
    if (topic === undefined || before === undefined || !more || loading) return;
    this.state.set({ ...this.state.get(), loading: true, error: undefined });
    await this.page(topic, before);
  }

  private async page(topic: string, before: number | undefined): Promise<void> {
    try {
      const page = await this.client.history(topic, { limit: PAGE, ...(before === undefined ? {} : { before }) });
      const state = this.state.get();
      if (state.topic !== topic) return;
      const messages = [...page.messages, ...(before === undefined ? [] : state.messages)].slice(0, KEPT);
      this.state.set({ topic, messages, more: page.more && messages.length < KEPT, loading: false, error: undefined });
    } catch (error) {
      if (this.state.get().topic === topic) this.state.set({ ...this.state.get(), loading: false, error });
    }
  }
}
