import type { ChannelId, ChatMessage, MessageId, ServerEvent, ServerId, UserId } from '@parley/contracts';
import type { MessageRow } from './chat.tables.js';
import { messageIdAfter, timeOf } from './message-id.js';
import { messageOf } from './message.js';
import type { Writer } from './message.repository.js';

export interface BatchEvent {
  readonly serverId: ServerId;
  readonly event: ServerEvent;
  /** Undefined: any. */
  readonly messageId: string | undefined;
}

/** What one transaction does to messages: verbs are applied to it one after the other, as if each had its own. */
export class MessageBatch {
  readonly added: MessageRow[] = [];
  readonly changed = new Map<MessageId, MessageRow>();
  readonly events: BatchEvent[] = [];
  readonly #writers = new Map<string, Writer>();
  readonly #newest = new Map<ChannelId, MessageId>();
  readonly #messages: Map<MessageId, MessageRow>;

  /** `messages`: those that the verbs name. */
  constructor(
    writers: readonly Writer[],
    messages: readonly MessageRow[],
    private readonly now: number,
  ) {
    for (const writer of writers) {
      this.#writers.set(`${writer.channelId} ${writer.userId}`, writer);
      if (writer.newest !== null) this.#newest.set(writer.channelId, writer.newest);
    }
    this.#messages = new Map(messages.map((row) => [row.id, row]));
  }

  /** Undefined: there is no such channel for this user. */
  writer(channelId: ChannelId, userId: UserId): Writer | undefined {
    return this.#writers.get(`${channelId} ${userId}`);
  }

  /** Undefined when it was deleted or belongs to another channel. */
  message(channelId: ChannelId, id: MessageId): MessageRow | undefined {
    const row = this.#messages.get(id);
    return row?.channel_id === channelId && row.removed_at === null ? row : undefined;
  }

  add({ channelId, serverId, userId }: Writer, content: string, replyTo: MessageId | null): ChatMessage {
    const id = messageIdAfter(this.#newest.get(channelId), this.now);
    this.#newest.set(channelId, id);
    const row: MessageRow = {
      id,
      channel_id: channelId,
      author_id: userId,
      content,
      reply_to: replyTo,
      // The id's time, so that times are in order as well.
      created_at: new Date(timeOf(id)),
      updated_at: null,
      removed_at: null,
    };
    this.added.push(row);
    const message = messageOf(row, serverId);
    this.events.push({ serverId, event: { type: 'message_created', message }, messageId: id });
    return message;
  }

  edit({ serverId }: Writer, row: MessageRow, content: string): ChatMessage {
    const edited = { ...row, content, updated_at: this.#after(row) };
    this.#replace(edited);
    const message = messageOf(edited, serverId);
    this.events.push({ serverId, event: { type: 'message_updated', message }, messageId: undefined });
    return message;
  }

  delete({ serverId, channelId }: Writer, row: MessageRow): void {
    this.#replace({ ...row, content: '', removed_at: this.#after(row) });
    const event: ServerEvent = { type: 'message_deleted', messageId: row.id, channelId };
    this.events.push({ serverId, event, messageId: undefined });
  }

  #replace(row: MessageRow): void {
    this.#messages.set(row.id, row);
    this.changed.set(row.id, row);
  }

  #after({ created_at }: MessageRow): Date {
    return new Date(Math.max(this.now, created_at.getTime()));
  }
}
