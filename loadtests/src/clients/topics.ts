import type { Down } from '@parley/dialects/topics/down';
import type { Broadcast, Ping, Pong, Subscribe } from '@parley/dialects/topics/up';
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
  private readonly open = new Map<string, () => void>();

  constructor(
    private readonly user: User,
    private readonly topic: string,
    private readonly options: { readonly tags?: Readonly<Record<string, string>> } = {},
  ) {}

  path(): string {
    return `/ws/topics?token=${this.user.token}`;
  }

  opened(line: Line): void {
    this.line = line;
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
        this.delivered(message.data);
        return undefined;
      case 'Ack':
        this.open.get(message.data.message_id)?.();
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

  ping(): Static<typeof Ping> {
    return { type: 'Ping', data: { timestamp: Date.now() } };
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
      this.open.set(id, () => {
        this.open.delete(id);
        this.acknowledged.push(id);
        acked.add(1, DIALECT);
        ackMs.add(Date.now() - at, DIALECT);
        resolve();
      });
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
    const told = data.details.recovered?.[this.topic];
    if (told?.recovered === false) complain(`topics: what came after ${this.last} is not there any more`);
    return this.back(line);
  }

  /** What was under way may be lost with the old connection: under its id it is done once. */
  private back(line: Line): 'there' {
    this.line = line;
    return 'there';
  }

  private delivered({ payload, metadata }: Extract<Known<Down>, { type: 'Broadcast' }>['data']): void {
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
