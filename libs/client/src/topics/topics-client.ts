import type { ConnectionConfig } from '../transport/connection-options.js';
import type { ConnectionStatus } from '../transport/connection-status.js';
import { Emitter, type Handler } from '../transport/emitter.js';
import { asParleyError, ParleyError } from '../transport/parley-error.js';
import type { WaitOptions } from '../transport/wait.js';
import { Subscriptions, type Entry, type TopicHandler } from './subscriptions.js';
import type { TopicsEvents } from './topics-events.js';
import { TopicsLink, type AskOptions } from './topics-link.js';
import { isHistoryPage, isSubscribed, type HistoryPage } from './topics-messages.js';

export interface PublishOptions extends AskOptions {
  /** What is published twice with the same id within two minutes is delivered once. */
  readonly id?: string;
}

export interface DirectMessageOptions extends PublishOptions {
  /** How long it may wait for somebody who is offline. */
  readonly ttlSeconds?: number;
}

export type PresenceStatus = 'online' | 'idle' | 'dnd' | 'offline';

/** In one message; so many subscriptions more are asked for in parts. */
const MAX_TOPICS = 1_000;

/** Publish and subscribe, direct messages, presence and history over one connection that comes back by itself. */
export class TopicsClient {
  private readonly events = new Emitter<TopicsEvents>();
  private readonly subscriptions = new Subscriptions();
  private readonly link: TopicsLink;
  private presence: Readonly<Record<string, unknown>> | undefined;

  constructor(config: ConnectionConfig) {
    this.link = new TopicsLink(config, this.events, {
      resumed: (waiting) => void this.resume(waiting),
      broadcast: (message) => this.subscriptions.deliver(message),
      unsubscribed: (topics) => this.endedByServer(topics),
    });
  }

  get status(): ConnectionStatus {
    return this.link.connection.status;
  }

  /** Resolves when the server has said welcome. Only `disconnect()`, or a refusal for good, ends the attempts. */
  connect(options?: WaitOptions): Promise<void> {
    return this.link.connection.connect(options);
  }

  /** Subscriptions are kept for the next `connect()`; what waits for an answer is rejected with `disconnected`. */
  disconnect(): void {
    this.link.connection.disconnect();
  }

  on<K extends keyof TopicsEvents>(event: K, handler: Handler<TopicsEvents[K]>): () => void {
    return this.events.on(event, handler);
  }

  off<K extends keyof TopicsEvents>(event: K, handler: Handler<TopicsEvents[K]>): void {
    this.events.off(event, handler);
  }

  /**
   * `*` in a pattern is one token, a last `>` the rest. After a reconnect a subscription goes on where it was: what was missed
   * comes first, in order; where that is not possible, `gap` tells so.
   */
  async subscribe(pattern: string, handler: TopicHandler, options?: WaitOptions): Promise<void> {
    const entry = this.subscriptions.get(pattern) ?? this.begin(pattern, options);
    entry.handlers.add(handler);
    await entry.agreed;
  }

  /** Without a handler: all of the pattern's. */
  async unsubscribe(pattern: string, handler?: TopicHandler, options?: WaitOptions): Promise<void> {
    const entry = this.subscriptions.get(pattern);
    if (entry === undefined) return;
    if (handler === undefined) entry.handlers.clear();
    else entry.handlers.delete(handler);
    if (entry.handlers.size > 0) return;
    this.subscriptions.remove(pattern);
    await this.link.ask('Unsubscribe', { topics: [pattern] }, options);
  }

  /** Resolves with how many connections got it. Published once, however often it has to be sent. */
  async publish(topic: string, payload: unknown, options?: PublishOptions): Promise<{ readonly recipients: number }> {
    const { ack } = await this.link.ask('Broadcast', { topic, payload }, options);
    return { recipients: ack.recipients ?? 0 };
  }

  /** `to` is a user id or a username. `queued`: they are offline and get it when they come. Unknown: `not_found`. */
  async sendDirectMessage(
    to: string,
    payload: unknown,
    { ttlSeconds, ...options }: DirectMessageOptions = {},
  ): Promise<{ readonly queued: boolean; readonly deliveredTo: readonly string[] }> {
    const ttl = ttlSeconds === undefined ? {} : { metadata: { ...options.metadata, ttl: ttlSeconds } };
    try {
      const question = { target_user: to, payload };
      const { ack } = await this.link.ask('DirectMessage', question, { ...options, ...ttl });
      return { queued: false, deliveredTo: ack.delivered_to ?? [] };
    } catch (error) {
      if (error instanceof ParleyError && error.details.queued === true) return { queued: true, deliveredTo: [] };
      throw error;
    }
  }

  /** Said again after every reconnect. */
  async setPresence(
    status: PresenceStatus,
    metadata?: Readonly<Record<string, unknown>>,
    options?: WaitOptions,
  ): Promise<void> {
    const presence = { status, ...(metadata === undefined ? {} : { metadata }) };
    await this.link.ask('Presence', presence, options);
    this.presence = presence;
  }

  /** A page of a topic's past, newest last. */
  async history(
    topic: string,
    options: WaitOptions & { readonly before?: number; readonly limit?: number } = {},
  ): Promise<HistoryPage> {
    const { before, limit, ...bounds } = options;
    const question = { topic, ...(before === undefined ? {} : { before }), ...(limit === undefined ? {} : { limit }) };
    const { own } = await this.link.ask('History', question, bounds);
    if (!isHistoryPage(own)) throw new ParleyError('internal', 'the server sent no page of history');
    return own;
  }

  /** Asks the backend that serves `name`. */
  async call(name: `X-${string}`, data: unknown, options?: WaitOptions): Promise<unknown> {
    const { own } = await this.link.ask(name, data, options);
    return own;
  }

  private begin(pattern: string, options: WaitOptions | undefined): Entry {
    const asked = this.link.ask('Subscribe', { topics: [pattern] }, options);
    const agreed = asked.then(
      ({ own }) => {
        entry.active = true;
        this.tellPresence(own);
      },
      (error: unknown) => {
        // Not an earlier one's place: it may have been given up and begun anew meanwhile.
        if (this.subscriptions.get(pattern) === entry) this.subscriptions.remove(pattern);
        throw error;
      },
    );
    const entry = this.subscriptions.add(pattern, agreed);
    return entry;
  }

  /** First what was subscribed, from where it was; then what has no answer yet. */
  private async resume(waiting: readonly string[]): Promise<void> {
    const entries = this.subscriptions.active();
    const asked: Promise<unknown>[] = [];
    for (let at = 0; at < entries.length; at += MAX_TOPICS) {
      asked.push(this.resubscribe(entries.slice(at, at + MAX_TOPICS)));
    }
    if (this.presence !== undefined) asked.push(this.link.ask('Presence', this.presence));
    for (const frame of waiting) this.link.connection.send(frame);
    try {
      await Promise.all(asked);
    } catch (thrown) {
      const error = asParleyError(thrown, 'internal', 'subscribing again failed');
      this.events.emit('error', error);
      this.link.connection.restart(error);
    }
  }

  private async resubscribe(entries: readonly Entry[]): Promise<void> {
    const known = entries.flatMap(({ pattern, sequence }) =>
      sequence === undefined ? [] : [[pattern, sequence] as const],
    );
    const question = { topics: entries.map(({ pattern }) => pattern), recover: Object.fromEntries(known) };
    try {
      const { own } = await this.link.ask('Subscribe', question);
      const gap = this.subscriptions.resumed(entries, isSubscribed(own) ? own : undefined);
      if (gap !== undefined) this.events.emit('gap', gap);
      this.tellPresence(own);
    } catch (error) {
      if (!(error instanceof ParleyError) || error.details.topics === undefined) throw error;
      // Because of these, which are not allowed any more, all were refused.
      this.endedByServer(error.details.topics);
      const left = entries.filter((entry) => this.subscriptions.get(entry.pattern) === entry);
      if (left.length > 0 && left.length < entries.length) await this.resubscribe(left);
    }
  }

  /** Those that this client gave up itself are not among its subscriptions any more. */
  private endedByServer(topics: readonly string[]): void {
    const ended = topics.filter((topic) => this.subscriptions.get(topic)?.active === true);
    if (ended.length === 0) return;
    for (const topic of ended) this.subscriptions.remove(topic);
    this.events.emit(
      'error',
      new ParleyError('forbidden', 'these topics may not be heard any more', { topics: ended }),
    );
  }

  private tellPresence(subscribed: unknown): void {
    if (!isSubscribed(subscribed)) return;
    for (const presence of subscribed.presence?.users ?? []) this.events.emit('presence', presence);
  }
}
