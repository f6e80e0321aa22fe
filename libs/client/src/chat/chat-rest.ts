import type { Message } from '@parley/dialects/chat/down';
import { parseJson } from '../transport/check.js';
import { asParleyError, ParleyError, type ParleyErrorCode } from '../transport/parley-error.js';
import { realTimers, type Timers } from '../transport/timers.js';
import { TokenSource, type TokenProvider } from '../transport/token-source.js';
import { isRecord, isString, list, type Check } from '../transport/check.js';
import { wait, type WaitOptions } from '../transport/wait.js';
import { isMessage } from './chat-messages.js';

export interface ChatRestConfig {
  /** `https://host` */
  readonly url: string;
  readonly token: TokenProvider;
  readonly fetch?: typeof fetch | undefined;
  readonly timers?: Timers | undefined;
}

const DEADLINE_MS = 15_000;

/** The resources of `chat` that a client needs all the time; `request` reaches all others. */
export class ChatRest {
  private readonly tokens: TokenSource;
  private readonly timers: Timers;

  constructor(private readonly config: ChatRestConfig) {
    this.timers = config.timers ?? realTimers;
    this.tokens = new TokenSource(config.token, this.timers);
  }

  /** Newest first. `before` is a message's id. */
  messages(
    channelId: string,
    page: { readonly before?: string; readonly limit?: number } = {},
    options?: WaitOptions,
  ): Promise<readonly Message[]> {
    const query = new URLSearchParams();
    if (page.before !== undefined) query.set('before', page.before);
    if (page.limit !== undefined) query.set('limit', String(page.limit));
    return this.request(
      'GET',
      `/channels/${encodeURIComponent(channelId)}/messages?${query}`,
      list(isMessage),
      undefined,
      options,
    );
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

  /** Any resource of the API. `check` says what the answer has to be. Not repeated by itself: that is for who knows the resource. */
  request<T>(method: string, path: string, check: Check<T>, body?: unknown, options: WaitOptions = {}): Promise<T> {
    const stop = new AbortController();
    return wait<T>(this.timers, `${method} ${path}`, { timeoutMs: DEADLINE_MS, ...options }, (settle) => {
      const work = this.perform(method, path, check, body, stop.signal);
      work.then(
        (value) => settle.resolve(value),
        (error: unknown) => settle.reject(asParleyError(error, 'offline', 'no answer')),
      );
      return () => stop.abort();
    });
  }

  private async perform<T>(
    method: string,
    path: string,
    check: Check<T>,
    body: unknown,
    signal: AbortSignal,
  ): Promise<T> {
    const token = await this.tokens.fresh();
    const send = this.config.fetch ?? globalThis.fetch;
    const response = await send(new URL(path, this.config.url), {
      method,
      signal,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = parseJson(await response.text());
    if (!response.ok) throw refusal(response.status, answer);
    if (!check(answer)) throw new ParleyError('internal', `${method} ${path} was answered in an unknown shape`);
    return answer;
  }
}

const isNothing: Check<unknown> = (value): value is unknown => value === value;

const codes: Readonly<Record<number, ParleyErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  429: 'rate_limited',
  503: 'unavailable',
};

function refusal(status: number, answer: unknown): ParleyError {
  const inner = isRecord(answer) ? answer['error'] : undefined;
  const said = [isRecord(inner) ? inner['message'] : inner, isRecord(answer) ? answer['message'] : undefined].find(
    isString,
  );
  const code = codes[status] ?? (status >= 500 ? 'internal' : 'invalid');
  return new ParleyError(code, isString(said) ? said : `answered with ${status}`, { wireCode: status });
}
