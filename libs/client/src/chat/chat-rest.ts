import type { Message } from '@parley/dialects/chat/down';
import { list } from '../transport/check.js';
import { isNothing, queryOf, Rest, type RestConfig } from '../transport/rest.js';
import type { TokenProvider } from '../transport/token-source.js';
import type { WaitOptions } from '../transport/wait.js';
import { isMessage } from './chat-messages.js';

export interface ChatRestConfig extends RestConfig {
  readonly token: TokenProvider;
}

/** The resources of `chat` that a client needs all the time; `request` reaches all others. */
export class ChatRest extends Rest<ChatRestConfig> {
  /** Newest first. `before` is a message's id. */
  messages(
    channelId: string,
    page: { readonly before?: string; readonly limit?: number } = {},
    options?: WaitOptions,
  ): Promise<readonly Message[]> {
    const query = queryOf({ before: page.before, limit: page.limit });
    const path = `/channels/${encodeURIComponent(channelId)}/messages${query}`;
    return this.request('GET', path, list(isMessage), undefined, options);
  }

  send(channelId: string, content: string, replyTo?: string, options?: WaitOptions): Promise<Message> {
    const body = { content, ...(replyTo === undefined ? {} : { reply_to: replyTo }) };
    return this.request('POST', `/channels/${encodeURIComponent(channelId)}/messages`, isMessage, body, options);
  }

  edit(messageId: string, content: string, options?: WaitOptions): Promise<Message> {
    return this.request('PATCH', `/messages/${encodeURIComponent(messageId)}`, isMessage, { content }, options);
  }

  async delete(messageId: string, options?: WaitOptions): Promise<void> {
    await this.request('DELETE', `/messages/${encodeURIComponent(messageId)}`, isNothing, undefined, options);
  }

  /** The state of a voice channel's members comes as events; joining another channel leaves the first. */
  async joinVoice(channelId: string, options?: WaitOptions): Promise<void> {
    await this.request('POST', `/channels/${encodeURIComponent(channelId)}/voice`, isNothing, {}, options);
  }

  async leaveVoice(channelId: string, options?: WaitOptions): Promise<void> {
    await this.request('DELETE', `/channels/${encodeURIComponent(channelId)}/voice`, isNothing, undefined, options);
  }
}
