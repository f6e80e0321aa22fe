import { ParleyError, type ChatMessage, type ChatRest } from '@parley/client';
import { Store } from '../../../session/store.js';
import {
  EMPTY_LOG,
  fromNewest,
  hasMessage,
  PAGE,
  withChange,
  withMessage,
  withOlder,
  withoutMessage,
  type MessageLog,
} from './message-log.js';
import { Outbox, type Draft } from './outbox.js';

/** What a channel shows. */
export interface ChannelState {
  readonly log: MessageLog;
  /** Own messages that are not known to be stored yet. */
  readonly drafts: readonly Draft[];
  /** Of the newest page. */
  readonly loading: boolean;
  readonly loadingOlder: boolean;
  /** Why a page could not be read. */
  readonly error: unknown;
  /** Has been read at least once. */
  readonly loaded: boolean;
  /** What is being written; it stays when another channel is looked at. */
  readonly text: string;
  readonly replyTo: ChatMessage | undefined;
}

export interface ChannelDeps {
  readonly rest: Pick<ChatRest, 'messages' | 'send' | 'edit' | 'delete'>;
  readonly me: string;
  /** There is a connection now. */
  readonly isReady: () => boolean;
}

/** The messages of one channel: pages of its past, what comes live, and what is written here. */
export class ChannelMessages {
  readonly state = new Store<ChannelState>({
    log: EMPTY_LOG,
    drafts: [],
    loading: false,
    loadingOlder: false,
    error: undefined,
    loaded: false,
    text: '',
    replyTo: undefined,
  });
  private readonly outbox: Outbox;
  /** Told while a page was under way, which may not know of it. */
  private readonly deletedMeanwhile = new Set<string>();
  private reads = 0;
  /** The greatest id that was ever seen. */
  private newest = '';

  constructor(
    readonly channelId: string,
    private readonly deps: ChannelDeps,
  ) {
    this.outbox = new Outbox(deps, channelId, {
      drafts: (drafts) => this.change({ drafts }),
      stored: (message) => {
        if (message.id > this.newest) this.newest = message.id;
        this.change({ log: withMessage(this.log, message) });
      },
    });
  }

  /** The newest page, in place of what is there. */
  async loadNewest(): Promise<void> {
    this.change({ loading: true, error: undefined });
    await this.read({}, (page) => fromNewest(this.log, page));
    this.change({ loading: false });
  }

  async loadOlder(): Promise<void> {
    const [first] = this.log.messages;
    const { loading, loadingOlder } = this.state.get();
    if (first === undefined || !this.log.older || loading || loadingOlder) return;
    this.change({ loadingOlder: true, error: undefined });
    await this.read({ before: first.id }, (page) => withOlder(this.log, page));
    this.change({ loadingOlder: false });
  }

  /** After a reconnect that could not bring what was missed, what is shown is read anew. */
  async reconnected(isComplete: boolean): Promise<void> {
    const { loaded, loading } = this.state.get();
    if (!isComplete || !loaded || loading) await this.loadNewest();
    this.outbox.pump();
  }

  write(text: string): void {
    this.change({ text });
  }

  answer(message: ChatMessage | undefined): void {
    this.change({ replyTo: message });
  }

  /** What is in the field goes out; the field is free for the next. */
  send(): void {
    const { text, replyTo } = this.state.get();
    if (text.trim() === '') return;
    this.change({ text: '', replyTo: undefined });
    this.outbox.add(text, replyTo?.id, this.newest);
  }

  retry(key: number): void {
    this.outbox.retry(key);
  }

  discard(key: number): void {
    this.outbox.discard(key);
  }

  async edit(id: string, content: string): Promise<void> {
    const message = await this.deps.rest.edit(id, content);
    this.change({ log: withChange(this.log, message) });
  }

  async delete(id: string): Promise<void> {
    try {
      await this.deps.rest.delete(id);
    } catch (error) {
      // Somebody else has been faster.
      if (!(error instanceof ParleyError) || error.code !== 'not_found') throw error;
    }
    this.deleted(id);
  }

  created(message: ChatMessage): void {
    this.seen(message);
    this.change({ log: withMessage(this.log, message) });
  }

  updated(message: ChatMessage): void {
    this.change({ log: withChange(this.log, message) });
  }

  deleted(id: string): void {
    if (this.reads > 0) this.deletedMeanwhile.add(id);
    this.change({ log: withoutMessage(this.log, id) });
  }

  /** Nothing here would be lost with it. */
  get isExpendable(): boolean {
    const { drafts, text } = this.state.get();
    return drafts.length === 0 && text === '';
  }

  private get log(): MessageLog {
    return this.state.get().log;
  }

  private async read(
    { before }: { readonly before?: string },
    place: (page: readonly ChatMessage[]) => MessageLog,
  ): Promise<void> {
    this.reads += 1;
    try {
      const page = await this.deps.rest.messages(this.channelId, {
        limit: PAGE,
        ...(before === undefined ? {} : { before }),
      });
      for (const message of [...page].reverse()) this.seen(message);
      let log = place(page);
      for (const id of this.deletedMeanwhile) log = withoutMessage(log, id);
      this.change({ log, loaded: true });
    } catch (error) {
      this.change({ error });
    } finally {
      this.reads -= 1;
      if (this.reads === 0) this.deletedMeanwhile.clear();
    }
  }

  private seen(message: ChatMessage): void {
    if (message.author_id === this.deps.me && !hasMessage(this.log, message.id)) this.outbox.seen(message);
    if (message.id > this.newest) this.newest = message.id;
  }

  private change(change: Partial<ChannelState>): void {
    this.state.set({ ...this.state.get(), ...change });
  }
}
