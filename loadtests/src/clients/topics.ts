import type { Down } from '@parley/dialects/topics/down';
import type { Broadcast, History, Pong, Subscribe } from '@parley/dialects/topics/up';
import type { Static } from '@sinclair/typebox';
import { setTimeout } from 'k6/timers';
import type { User } from '../lib/accounts.js';
import { isFields, parse, type Plain } from '../lib/json.js';
import { Ledger } from '../lib/ledger.js';
import type { Line } from '../lib/line.js';
import { ackMs, acked, complain, deliveryMs, received } from '../lib/measures.js';
import type { Role } from '../lib/returning.js';

/** What is broadcast: whose it is, which, when; and what makes it longer. */
export interface Payload {
  readonly from: number;
  readonly n: number;
  readonly at: number;
  readonly filler?: string;
}

/** Without `X-…`, which may be anything. */
type Known<M> = M extends { readonly type: string } ? (string extends M['type'] ? never : M) : never;

type Delivered = Pick<Extract<Known<Down>, { type: 'Broadcast' }>['data'], 'payload' | 'metadata'>;

const PAGE = 10;
const ANSWER_MS = 4_000;
const DIALECT = { dialect: 'topics' };

/** Hears one topic, and may say something there. After a loss it goes on where it was, and sends what has no answer again. */
export class TopicsMember implements Role {
  readonly dialect = 'topics';
  readonly ledger = new Ledger();
  /** Ids of what was acknowledged to it. */
  readonly acknowledged: string[] = [];
  private last = 0;
  private line: Line | undefined;
  private pages: Delivered[] = [];
  /** While pages are read. */
  private live: Delivered[] | undefined;
  private readonly open = new Map<string, { readonly message: object; done(): void }>();

  constructor(
    private readonly user: User,
    private readonly topic: string,
    private readonly options: { readonly tags?: Readonly<Record<string, string>> } = {},
  ) {}

  path(): string {
    return `/ws/topics?token=${this.user.token}`;
  }

  opened(): void {
    // The welcome comes by itself; until then nothing is said.
  }

  lost(): void {
    this.line = undefined;
  }

  heard(text: string, line: Line): 'there' | undefined {
    const message = parse(text);
    if (!isDown(message)) return undefined;
    switch (message.type) {
      case 'Status':
        return this.status(message, line);
      case 'Broadcast':
        if (this.live === undefined) this.delivered(message.data);
        else this.live.push(message.data);
        return undefined;
      case 'History':
        this.page(message.data, line);
        return undefined;
      case 'Ack':
        this.open.get(message.data.message_id)?.done();
        return undefined;
      case 'Ping':
        line.say({ type: 'Pong', data: {} } satisfies Static<typeof Pong>);
        return undefined;
      case 'Error':
        // Whatever passes is sent again by its own timer.
        if (![429, 503].includes(message.data.code)) complain(`topics: ${message.data.message}`);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Until it is acknowledged, on whatever connection. */
  publish(from: number, n: number, filler?: string): Promise<void> {
    const id = `${from}-${n}`;
    const at = Date.now();
    const payload: Payload = { from, n, at, ...(filler === undefined ? {} : { filler }) };
    const message = { type: 'Broadcast', id, data: { topic: this.topic, payload } } satisfies Plain<
      Static<typeof Broadcast>
    >;
    return new Promise((resolve) => {
      const again = (): void => {
        if (!this.open.has(id)) return;
        this.line?.say(message);
        setTimeout(again, ANSWER_MS);
      };
      const done = (): void => {
        this.open.delete(id);
        this.acknowledged.push(id);
        acked.add(1, DIALECT);
        ackMs.add(Date.now() - at, DIALECT);
        resolve();
      };
      this.open.set(id, { message, done });
      again();
    });
  }

  private status(message: Extract<Known<Down>, { type: 'Status' }>, line: Line): 'there' | undefined {
    const { data } = message;
    if (data.status === 'connected') {
      const subscribe: Plain<Static<typeof Subscribe>> = {
        type: 'Subscribe',
        id: 'subscribe',
        data: { topics: [this.topic], recover: { [this.topic]: this.last } },
      };
      line.say(subscribe);
      return undefined;
    }
    if (data.status !== 'subscribed') return undefined;
    if (data.details.recovered?.[this.topic]?.recovered === false) {
      this.pages = [];
      this.live = [];
      line.say(this.history());
    }
    return this.back(line);
  }

  /** Too much was missed to be sent unasked: it is read page by page, newest first, and what is live waits for it. */
  private page({ messages, more }: Extract<Known<Down>, { type: 'History' }>['data'], line: Line): void {
    this.pages.unshift(...messages);
    const oldest = this.pages[0]?.metadata.sequence ?? 0;
    if (more && oldest > this.last + 1) {
      line.say(this.history(oldest));
      return;
    }
    const missed = this.pages.filter(({ metadata }) => metadata.sequence > this.last);
    const live = this.live ?? [];
    this.live = undefined;
    for (const one of missed) this.delivered(one);
    for (const one of live) if (one.metadata.sequence > this.last) this.delivered(one);
  }

  private history(before?: number): Plain<Static<typeof History>> {
    const from = before === undefined ? {} : { before };
    return { type: 'History', data: { topic: this.topic, limit: PAGE, ...from } };
  }

  /** What was under way may be lost with the old connection: under its id it is done once. */
  private back(line: Line): 'there' {
    this.line = line;
    for (const { message } of this.open.values()) line.say(message);
    return 'there';
  }

  private delivered({ payload, metadata }: Delivered): void {
    this.last = Math.max(this.last, metadata.sequence);
    if (!isPayload(payload)) return;
    this.ledger.add(`${payload.from}-${payload.n}`, metadata.sequence);
    received.add(1, DIALECT);
    deliveryMs.add(Date.now() - payload.at, { ...DIALECT, ...this.options.tags });
  }
}

function isPayload(value: unknown): value is Payload {
  return isFields(value) && typeof value['from'] === 'number' && typeof value['n'] === 'number';
}

/** The server is believed here; whether it keeps to the protocol is what the conformance kit asks. */
function isDown(value: unknown): value is Known<Down> {
  return isFields(value) && typeof value['type'] === 'string' && isFields(value['data']);
}
