import { compile } from '@parley/contracts';
import { within } from '@parley/testing';
import { Type, type Static } from '@sinclair/typebox';
import { WebSocket, type ClientOptions } from 'ws';

const ANSWER_DEADLINE_MS = 20_000;

const messageCheck = compile(Type.Object({ type: Type.String(), data: Type.Record(Type.String(), Type.Unknown()) }));
const Metadata = Type.Object({ message_id: Type.String(), sequence: Type.Optional(Type.Integer()) });
const broadcastCheck = compile(Type.Object({ topic: Type.String(), payload: Type.Unknown(), metadata: Metadata }));
const directCheck = compile(Type.Object({ from_user: Type.String(), payload: Type.Unknown(), metadata: Metadata }));
const PresenceData = Type.Object({ user_id: Type.String(), status: Type.String() });
const presenceCheck = compile(PresenceData);
const ackCheck = compile(
  Type.Object({
    message_id: Type.String(),
    recipients: Type.Optional(Type.Integer()),
    delivered_to: Type.Optional(Type.Array(Type.String())),
  }),
);
const errorCheck = compile(
  Type.Object({
    code: Type.Integer(),
    message: Type.String(),
    details: Type.Object({ message_id: Type.Optional(Type.String()), queued: Type.Optional(Type.Boolean()) }),
  }),
);

export interface Received {
  readonly topic: string;
  readonly payload: unknown;
  readonly messageId: string;
  readonly sequence: number;
}

export interface ReceivedDirect {
  readonly from: string;
  readonly payload: unknown;
  readonly messageId: string;
}

export interface Message {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type Answer =
  | { readonly kind: 'ack'; readonly recipients: number | undefined; readonly deliveredTo: readonly string[] }
  | { readonly kind: 'error'; readonly code: number; readonly message: string; readonly queued: boolean | undefined }
  | { readonly kind: 'closed' };

export interface Closed {
  readonly code: number;
  readonly reason: string;
  /** By `performance.now()`. */
  readonly at: number;
}

/** A client of `topics` that keeps everything it is sent, in order. */
export class TopicsClient {
  readonly broadcasts: Received[] = [];
  readonly directs: ReceivedDirect[] = [];
  readonly presences: Static<typeof PresenceData>[] = [];
  /** Everything else, and errors that name no message. */
  readonly others: Message[] = [];
  readonly closed: Promise<Closed>;
  closing: Closed | undefined;
  private readonly waiting = new Map<string, (answer: Answer) => void>();
  private nextId = 0;

  private constructor(readonly ws: WebSocket) {
    ws.on('message', (data, isBinary) => {
      if (!isBinary) this.take(textOf(data));
    });
    ws.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      ws.once('close', (code, reason) => {
        this.closing = { code, reason: reason.toString('utf8'), at: performance.now() };
        for (const answer of this.waiting.values()) answer({ kind: 'closed' });
        this.waiting.clear();
        resolve(this.closing);
      });
    });
  }

  /** Resolves when the upgrade has been answered, with the socket; nothing has been said yet. */
  static async dial(wsUrl: string, token: string | undefined, options: ClientOptions = {}): Promise<TopicsClient> {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const ws = new WebSocket(`${wsUrl}/ws/topics`, { ...options, headers: { ...headers, ...options.headers } });
    const client = new TopicsClient(ws);
    await within(
      ANSWER_DEADLINE_MS,
      'the upgrade',
      new Promise<void>((resolve, reject) => {
        ws.once('open', resolve);
        ws.once('unexpected-response', (_request, response) => {
          response.resume();
          reject(new RefusedUpgrade(response.statusCode ?? 0, response.headers['retry-after']));
          ws.terminate();
        });
        ws.once('error', reject);
      }),
    );
    return client;
  }

  /** Resolves when the server has said `connected`. */
  static async connect(wsUrl: string, token: string, options: ClientOptions = {}): Promise<TopicsClient> {
    const client = await TopicsClient.dial(wsUrl, token, options);
    await client.other('the welcome', (message) => message.type === 'Status' && message.data['status'] === 'connected');
    return client;
  }

  get open(): boolean {
    return this.closing === undefined;
  }

  send(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends with an id, and resolves with whatever answers that id. */
  ask(type: string, data: unknown, id = `m${String(++this.nextId)}`, metadata?: unknown): Promise<Answer> {
    if (!this.open) return Promise.resolve({ kind: 'closed' });
    const answer = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    this.send({ type, id, data, ...(metadata === undefined ? {} : { metadata }) });
    return within(ANSWER_DEADLINE_MS, `the answer to ${type} ${id}`, answer).finally(() => this.waiting.delete(id));
  }

  /** Like `ask`, and fails unless it is an `Ack`. */
  async must(type: string, data: unknown): Promise<Extract<Answer, { kind: 'ack' }>> {
    const answer = await this.ask(type, data);
    if (answer.kind !== 'ack') throw new Error(`${type} was answered ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Fails unless the server agrees; with `recover`, from the last sequence seen. */
  async subscribe(topics: readonly string[], recover?: Readonly<Record<string, number>>): Promise<void> {
    await this.must('Subscribe', { topics, ...(recover === undefined ? {} : { recover }) });
  }

  async other(what: string, match: (message: Message) => boolean, deadlineMs = ANSWER_DEADLINE_MS): Promise<Message> {
    const past = this.others.find(match);
    if (past !== undefined) return past;
    const found = new Promise<Message>((resolve, reject) => {
      const look = (): void => {
        const message = this.others.findLast(match);
        if (message === undefined) return;
        this.ws.off('message', look);
        resolve(message);
      };
      this.ws.on('message', look);
      void this.closed.then(({ code, reason }) => {
        reject(new Error(`closed with ${String(code)} ${reason} before ${what}`));
      });
    });
    return within(deadlineMs, what, found);
  }

  async close(): Promise<void> {
    this.ws.close(1000);
    await within(ANSWER_DEADLINE_MS, 'the close', this.closed);
  }

  private take(text: string): void {
    const message: unknown = JSON.parse(text);
    if (!messageCheck.is(message)) throw new Error(`not a message: ${text.slice(0, 200)}`);
    const { type, data } = message;
    if (type === 'Broadcast' && broadcastCheck.is(data)) {
      const { topic, payload, metadata } = data;
      this.broadcasts.push({ topic, payload, messageId: metadata.message_id, sequence: metadata.sequence ?? 0 });
    } else if (type === 'DirectMessage' && directCheck.is(data)) {
      this.directs.push({ from: data.from_user, payload: data.payload, messageId: data.metadata.message_id });
    } else if (type === 'Presence' && presenceCheck.is(data)) {
      this.presences.push(data);
    } else if (type === 'Ping') {
      this.send({ type: 'Pong', data });
    } else if (!this.answered(message)) {
      this.others.push(message);
    }
  }

  private answered({ type, data }: Message): boolean {
    if (type === 'Ack' && ackCheck.is(data)) {
      return this.settle(data.message_id, {
        kind: 'ack',
        recipients: data.recipients,
        deliveredTo: data.delivered_to ?? [],
      });
    }
    if (type !== 'Error' || !errorCheck.is(data)) return false;
    const { code, message, details } = data;
    return this.settle(details.message_id, { kind: 'error', code, message, queued: details.queued });
  }

  private settle(id: string | undefined, answer: Answer): boolean {
    const waiting = id === undefined ? undefined : this.waiting.get(id);
    if (id === undefined || waiting === undefined) return false;
    this.waiting.delete(id);
    waiting(answer);
    return true;
  }
}

/** The server answered the upgrade with something else than 101. */
export class RefusedUpgrade extends Error {
  constructor(
    readonly status: number,
    readonly retryAfter: string | undefined,
  ) {
    super(`the upgrade was answered ${String(status)}`);
  }
}

export function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8');
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)).toString('utf8');
}
