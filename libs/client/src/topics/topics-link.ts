import { Connection } from '../transport/connection.js';
import { withDefaults, type ConnectionConfig } from '../transport/connection-options.js';
import type { ConnectionStatus } from '../transport/connection-status.js';
import type { Emitter } from '../transport/emitter.js';
import { frameOf } from '../transport/frame-size.js';
import type { ReceivedFrame } from '../transport/line.js';
import { ParleyError } from '../transport/parley-error.js';
import { Requests } from '../transport/requests.js';
import { uuid } from '../transport/uuid.js';
import type { WaitOptions } from '../transport/wait.js';
import { endpointUrl } from '../transport/websocket.js';
import type { TopicsEvents } from './topics-events.js';
import {
  errorOf,
  isAck,
  isConnected,
  isDirectMessage,
  isExpiring,
  isNotification,
  isPresence,
  isTopicMessage,
  isUnsubscribed,
  isWireError,
  messageOf,
  statusOf,
  type Ack,
  type Message,
  type TopicMessage,
} from './topics-messages.js';

export interface AskOptions extends WaitOptions {
  readonly id?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The answer in the dialect's own words, which comes before the `Ack`, and the `Ack`. */
export interface Answer {
  readonly ack: Ack;
  readonly own: unknown;
}

export interface LinkEvents {
  /** Connected, for the first time or again; `waiting` are the frames that have no answer yet. */
  resumed(waiting: readonly string[]): void;
  broadcast(message: TopicMessage): void;
  /** Also those that the server ended by itself. */
  unsubscribed(topics: readonly string[]): void;
}

const PATH = '/ws/topics';

/** The dialect's messages over a connection: questions with their answers, and what comes unasked. */
export class TopicsLink {
  readonly connection: Connection;
  private readonly requests: Requests<Answer>;
  private own: unknown;

  constructor(
    config: ConnectionConfig,
    private readonly events: Emitter<TopicsEvents>,
    private readonly link: LinkEvents,
  ) {
    const { timers, answerTimeoutMs } = withDefaults(config);
    this.connection = new Connection(config, {
      // As a subprotocol: a URL would be written to logs on the way.
      endpoint: (token) => ({ url: endpointUrl(config.url, PATH).href, protocols: [`access_token.${token}`] }),
      heartbeat: (now) => JSON.stringify({ type: 'Ping', data: { timestamp: now } }),
      renewal: (token) => JSON.stringify({ type: 'Auth', data: { token } }),
      received: (frame) => this.received(frame),
      moved: (status) => this.moved(status),
    });
    this.requests = new Requests(timers, answerTimeoutMs, (frame) => this.connection.send(frame));
  }

  async ask(type: string, data: unknown, options: AskOptions = {}): Promise<Answer> {
    const { id = uuid(), metadata, ...bounds } = options;
    const frame = frameOf({ type, data, id, timestamp: Date.now(), ...(metadata === undefined ? {} : { metadata }) });
    return this.requests.ask(id, frame, bounds);
  }

  private moved(status: ConnectionStatus): void {
    if (status.state === 'ready') this.link.resumed(this.requests.unanswered());
    if (status.state === 'idle') this.requests.failAll(new ParleyError('disconnected', 'disconnect() was called'));
    if (status.state === 'ended') this.requests.failAll(status.error);
    this.events.emit('status', status);
  }

  private received(frame: ReceivedFrame): void {
    // A binary frame follows its announcement, `Binary`; this client asks for none.
    const message = typeof frame === 'string' ? messageOf(frame) : undefined;
    if (message !== undefined) this.take(message);
  }

  private take({ type, data }: Message): void {
    if (type === 'Broadcast' && isTopicMessage(data)) {
      this.link.broadcast(data);
      this.events.emit('message', data);
    } else if (type === 'Ack' && isAck(data)) {
      this.requests.answer(data.message_id, { ack: data, own: this.own });
    } else if (type === 'DirectMessage' && isDirectMessage(data)) this.events.emit('directMessage', data);
    else if (type === 'Presence' && isPresence(data)) this.events.emit('presence', data);
    else if (type === 'Notification' && isNotification(data)) this.events.emit('notification', data);
    else if (type === 'Error' && isWireError(data)) this.failed(errorOf(data), data.details.message_id);
    else if (type === 'Status') this.status(data);
    else if (type === 'Ping') this.connection.send(JSON.stringify({ type: 'Pong', data }));
    else if (type === 'AuthStatus' && isExpiring(data)) this.connection.renew();
    else if (type === 'History' || type.startsWith('X-')) this.own = data;
  }

  private status(data: unknown): void {
    if (isConnected(data)) {
      this.connection.established();
      return;
    }
    this.own = statusOf(data)?.details;
    if (statusOf(data)?.status === 'unsubscribed' && isUnsubscribed(this.own)) this.link.unsubscribed(this.own.topics);
  }

  private failed(error: ParleyError, id: string | undefined): void {
    if (id === undefined) {
      // A close may follow, for this reason.
      this.connection.heardWhy(error);
      this.events.emit('error', error);
    } else if (error.code === 'rate_limited') this.requests.postpone(id, error);
    else this.requests.refuse(id, error);
  }
}
