import { compile } from '@parley/contracts';
import { within, type SeededRandom } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { WebSocket } from 'ws';
import { textOf } from '../topics-client.js';
import { chatFuzzFrame, type ChatFuzzFrame } from './chat-frames.js';

const LIFE_MS = 20_000;
const FRAMES = 20;
const HEARTBEAT = '{"op":"HEARTBEAT"}';
const INVALID_MESSAGE = 4002;
/** What may be said to a frame that is right and could not be done; never `internal`. */
const CODES = new Set([
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'too_large',
  'rate_limited',
  'unavailable',
]);

const messageCheck = compile(
  Type.Object({
    op: Type.Union([Type.Literal('DISPATCH'), Type.Literal('HEARTBEAT_ACK')]),
    t: Type.Union([Type.String(), Type.Null()]),
    d: Type.Unknown(),
  }),
);
const errorCheck = compile(Type.Object({ code: Type.String(), op: Type.String() }));

export interface ChatTally {
  /** Frames that the gateway has dealt with. */
  handled: number;
  /** Of them, those that ended their connection. */
  bad: number;
  connections: number;
  readonly codes: Map<string, number>;
  /** What went wrong, with the frame that did it. */
  readonly faults: string[];
}

export function newChatTally(): ChatTally {
  return { handled: 0, bad: 0, connections: 0, codes: new Map(), faults: [] };
}

/**
 * One connection's life: frames up to the first bad one, all written at once, a heartbeat behind each. The bad one closes
 * with 4002; every heartbeat before it is acknowledged, and none behind it.
 */
export class ChatThrower {
  private acknowledged = 0;
  private ready = false;
  private closed: { readonly code: number; readonly reason: string } | undefined;
  private last: ChatFuzzFrame | undefined;
  private wake: () => void = () => undefined;

  private constructor(
    private readonly ws: WebSocket,
    private readonly tally: ChatTally,
  ) {
    ws.on('message', (data) => {
      this.take(textOf(data));
      this.wake();
    });
    ws.on('error', () => undefined);
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') };
      this.wake();
    });
  }

  static async live(
    wsUrl: string,
    token: string,
    tally: ChatTally,
    random: SeededRandom,
    userIds: readonly string[],
  ): Promise<void> {
    const ws = new WebSocket(`${wsUrl}/ws/chat`, { headers: { Authorization: `Bearer ${token}` } });
    const thrower = new ChatThrower(ws, tally);
    tally.connections += 1;
    await thrower.until('READY', () => thrower.ready);
    if (thrower.closed !== undefined) tally.faults.push(`was not let in: ${String(thrower.closed.code)}`);
    else await thrower.throwAll(random, userIds);
  }

  private async throwAll(random: SeededRandom, userIds: readonly string[]): Promise<void> {
    let expected = 0;
    let thrown = 0;
    do {
      this.last = chatFuzzFrame(random, userIds);
      this.ws.send(this.last.data, { binary: typeof this.last.data !== 'string' });
      this.ws.send(HEARTBEAT);
      thrown += 1;
      if (!this.last.bad) expected += this.last.heartbeat ? 2 : 1;
    } while (!this.last.bad && thrown < FRAMES);
    if (random.chance(0.05)) {
      this.ws.terminate();
      return;
    }
    if (this.last.bad) await this.until('the close', () => false);
    else await this.until('what was right to be dealt with', () => this.acknowledged >= expected);
    this.judge(expected, this.last.bad);
    this.tally.handled += thrown;
    this.tally.bad += this.last.bad ? 1 : 0;
    this.ws.close(1000);
    await this.until('the end', () => false);
  }

  private judge(expected: number, bad: boolean): void {
    const { code, reason } = this.closed ?? { code: 0, reason: '' };
    if (bad && code !== INVALID_MESSAGE) this.fault(`bad input was closed with ${String(code)} ${reason}`);
    if (bad && !/^\S+: ./.test(reason)) this.fault(`closed without saying what was wrong: ${reason}`);
    if (!bad && code !== 0) this.fault(`valid input was closed with ${String(code)} ${reason}`);
    if (this.acknowledged !== expected) {
      this.fault(`${String(this.acknowledged)} heartbeats of ${String(expected)} were acknowledged`);
    }
  }

  /** Also when the connection closes. */
  private async until(what: string, done: () => boolean): Promise<void> {
    if (done() || this.closed !== undefined) return;
    await within(
      LIFE_MS,
      what,
      new Promise<void>((resolve) => {
        this.wake = () => {
          if (done() || this.closed !== undefined) resolve();
        };
      }),
    );
  }

  private take(text: string): void {
    const message: unknown = JSON.parse(text);
    if (!messageCheck.is(message)) this.fault(`the server said ${text.slice(0, 200)}`);
    else if (message.op === 'HEARTBEAT_ACK') this.acknowledged += 1;
    else if (message.t === 'READY') this.ready = true;
    else if (message.t === 'ERROR') this.takeError(message.d);
  }

  private takeError(error: unknown): void {
    const code = errorCheck.is(error) ? error.code : 'none';
    this.tally.codes.set(code, (this.tally.codes.get(code) ?? 0) + 1);
    if (!CODES.has(code)) this.fault(`was answered ${JSON.stringify(error)}`);
  }

  private fault(what: string): void {
    const { data = '', how = '' } = this.last ?? {};
    this.tally.faults.push(
      `${what} [${how}]: ${(typeof data === 'string' ? data : data.toString('hex')).slice(0, 600)}`,
    );
  }
}
