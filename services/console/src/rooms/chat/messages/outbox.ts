import type { ChatMessage, ChatRest } from '@parley/client';

/** An own message that is not known to be stored. */
export interface Draft {
  readonly key: number;
  readonly content: string;
  readonly replyTo: string | undefined;
  /** `waiting`: for its turn, or for a connection. */
  readonly state: 'waiting' | 'sending' | 'failed';
  readonly error: unknown;
  /** The newest message that was known when it was written: what is stored of it has a greater id. */
  readonly after: string;
}

export interface OutboxDeps {
  readonly rest: Pick<ChatRest, 'send'>;
  readonly isReady: () => boolean;
}

export interface OutboxEvents {
  drafts(drafts: readonly Draft[]): void;
  stored(message: ChatMessage): void;
}

/**
 * Sends what is written one after the other, and only while there is a connection. What fails is kept until its author tries again
 * or discards it. An answer may be lost though the message was stored: then the message itself, which comes back live or with a
 * page, settles its draft.
 */
export class Outbox {
  private drafts: readonly Draft[] = [];
  private sending = false;
  private count = 0;

  constructor(
    private readonly deps: OutboxDeps,
    private readonly channelId: string,
    private readonly events: OutboxEvents,
  ) {}

  add(content: string, replyTo: string | undefined, after: string): void {
    this.count += 1;
    this.set([...this.drafts, { key: this.count, content, replyTo, state: 'waiting', error: undefined, after }]);
    this.pump();
  }

  retry(key: number): void {
    this.change(key, { state: 'waiting', error: undefined });
    this.pump();
  }

  discard(key: number): void {
    this.set(this.drafts.filter((draft) => draft.key !== key));
  }

  /** A message of ours has come that was not known: it is the oldest draft with its words, if there is one. */
  seen(message: ChatMessage): void {
    const draft = this.drafts.find(
      ({ content, replyTo, after }) =>
        content === message.content && replyTo === (message.reply_to ?? undefined) && message.id > after,
    );
    if (draft !== undefined) this.discard(draft.key);
  }

  /** Goes on with what waits. */
  pump(): void {
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let next = this.next(); next !== undefined; next = this.next()) await this.send(next);
    } finally {
      this.sending = false;
    }
  }

  private next(): Draft | undefined {
    return this.deps.isReady() ? this.drafts.find(({ state }) => state === 'waiting') : undefined;
  }

  private async send({ key, content, replyTo }: Draft): Promise<void> {
    this.change(key, { state: 'sending' });
    try {
      const message = await this.deps.rest.send(this.channelId, content, replyTo);
      this.discard(key);
      this.events.stored(message);
    } catch (error) {
      this.change(key, { state: 'failed', error });
    }
  }

  private change(key: number, change: Partial<Draft>): void {
    this.set(this.drafts.map((draft) => (draft.key === key ? { ...draft, ...change } : draft)));
  }

  private set(drafts: readonly Draft[]): void {
    this.drafts = drafts;
    this.events.drafts(drafts);
  }
}
