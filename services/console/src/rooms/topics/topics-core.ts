import {
  ParleyError,
  TopicsClient,
  type ConnectionConfig,
  type DirectMessage,
  type Notification,
  type Presence,
  type PresenceStatus,
  type TopicMessage,
} from '@parley/client';
import { Store } from '../../session/store.js';
import { SentList } from './sent.js';
import { changed, newSubscription, withEntry, withGap, type Subscription } from './stream.js';
import { TopicHistory } from './topic-history.js';

export interface Received {
  readonly key: number;
  readonly message: DirectMessage;
}

export interface Delivery {
  readonly queued: boolean;
  readonly deliveredTo: readonly string[];
}

const MAX_DIRECT = 100;
const MAX_NOTIFICATIONS = 5;
const MAX_PRESENCES = 500;
/** Whoever subscribes to it hears of everybody. */
export const PRESENCE = 'presence.*';

/** Everything that the topics room shows, and everything that can be done in it. */
export class TopicsCore {
  readonly client: TopicsClient;
  readonly subscriptions = new Store<readonly Subscription[]>([]);
  readonly direct = new Store<readonly Received[]>([]);
  readonly notifications = new Store<readonly { readonly key: number; readonly notification: Notification }[]>([]);
  /** By user id; undefined: not asked for. */
  readonly presences = new Store<ReadonlyMap<string, Presence> | undefined>(undefined);
  readonly history: TopicHistory;
  readonly published: SentList<{ readonly recipients: number }>;
  readonly sentDirect: SentList<Delivery>;
  private readonly handlers = new Map<string, (message: TopicMessage) => void>();
  private count = 0;

  constructor(config: ConnectionConfig) {
    this.client = new TopicsClient(config);
    this.history = new TopicHistory(this.client);
    this.published = new SentList((topic, payload, id) => this.client.publish(topic, payload, { id }));
    this.sentDirect = new SentList((to, payload, id) => this.client.sendDirectMessage(to, payload, { id }));
  }

  /** Connects; what it returns ends everything. */
  start(): () => void {
    const { client } = this;
    const stops = [
      client.on('gap', (gap) => this.subscriptions.set(withGap(this.subscriptions.get(), gap, this.key(), Date.now()))),
      client.on('directMessage', (message) => {
        this.direct.set([...this.direct.get(), { key: this.key(), message }].slice(-MAX_DIRECT));
      }),
      client.on('notification', (notification) => {
        this.notifications.set(
          [...this.notifications.get(), { key: this.key(), notification }].slice(-MAX_NOTIFICATIONS),
        );
      }),
      client.on('presence', (presence) => this.present(presence)),
      client.on('error', (error) => this.ended(error)),
    ];
    client.connect().catch(() => undefined);
    return () => {
      for (const stop of stops) stop();
      client.disconnect();
    };
  }

  /** What goes wrong is shown with the subscription. */
  async subscribe(pattern: string): Promise<void> {
    const before = this.subscriptions.get().find((one) => one.pattern === pattern);
    if (before !== undefined && before.state !== 'refused') return;
    const handler = (message: TopicMessage): void => this.heard(pattern, message);
    this.handlers.set(pattern, handler);
    const others = this.subscriptions.get().filter((one) => one.pattern !== pattern);
    this.subscriptions.set([...others, newSubscription(pattern)]);
    try {
      await this.client.subscribe(pattern, handler);
      this.change(pattern, (one) => ({ ...one, state: 'active' }));
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'disconnected') return;
      this.change(pattern, (one) => ({ ...one, state: 'refused', error }));
    }
  }

  /** It is gone from the list at once; should the server not answer, it ends with the connection. */
  unsubscribe(pattern: string): void {
    this.subscriptions.set(this.subscriptions.get().filter((one) => one.pattern !== pattern));
    const handler = this.handlers.get(pattern);
    this.handlers.delete(pattern);
    if (handler !== undefined) this.client.unsubscribe(pattern, handler).catch(() => undefined);
  }

  clear(pattern: string): void {
    this.change(pattern, (one) => ({ ...one, entries: [] }));
  }

  /** Rejects with what the server says. */
  async watchPresence(): Promise<void> {
    this.presences.set(this.presences.get() ?? new Map());
    try {
      await this.client.subscribe(PRESENCE, NOTHING);
    } catch (error) {
      this.presences.set(undefined);
      throw error;
    }
  }

  async ignorePresence(): Promise<void> {
    this.presences.set(undefined);
    await this.client.unsubscribe(PRESENCE, NOTHING);
  }

  async setPresence(status: PresenceStatus, note: string): Promise<void> {
    await this.client.setPresence(status, note === '' ? {} : { note });
  }

  private heard(pattern: string, message: TopicMessage): void {
    this.change(pattern, (one) => withEntry(one, { kind: 'message', key: this.key(), message, at: Date.now() }));
  }

  private present(presence: Presence): void {
    const known = this.presences.get();
    if (known === undefined) return;
    const next = new Map(known);
    next.delete(presence.user_id);
    next.set(presence.user_id, presence);
    const [oldest] = next.keys();
    if (next.size > MAX_PRESENCES && oldest !== undefined) next.delete(oldest);
    this.presences.set(next);
  }

  /** A login that is confined further may not hear everything any more. */
  private ended(error: ParleyError): void {
    for (const pattern of error.details.topics ?? []) {
      if (pattern === PRESENCE) this.presences.set(undefined);
      this.change(pattern, (one) => ({ ...one, state: 'refused', error }));
    }
  }

  private change(pattern: string, change: (subscription: Subscription) => Subscription): void {
    this.subscriptions.set(changed(this.subscriptions.get(), pattern, change));
  }

  private key(): number {
    this.count += 1;
    return this.count;
  }
}

/** Presence comes as an event of the client, not to the handler. */
const NOTHING = (): void => undefined;
