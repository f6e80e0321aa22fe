import { compile } from '@parley/contracts';
import { Down } from '@parley/dialects/collab/down';
import { within, type SeededRandom } from '@parley/testing';
import type { Static } from '@sinclair/typebox';
import { WebSocket } from 'ws';
import { textOf } from '../topics-client.js';
import { collabFuzzFrame, type CollabFuzzFrame } from './collab-frames.js';

const VOLLEY = 12;
const VOLLEY_MS = 30_000;
const STRIKES = 20;
/** Sentinels are told from the pings that are fuzz by their size. */
const SENTINELS = 7_000_000_000_000;
const SENTINEL_ID = '00000000-0000-4000-8000-000000000000';
/** What may be said to hostile frames; never `internal`. */
const CODES = new Set([1001, 1003, 2001, 2002, 2003, 3001, 3002, 3003, 5002]);

const downCheck = compile(Down);
type DownMessage = Static<typeof Down>;

export interface CollabTally {
  /** Frames that the gateway has dealt with. */
  handled: number;
  /** Of them, those that are bad input by the schemas. */
  bad: number;
  connections: number;
  readonly closes: Map<string, number>;
  readonly codes: Map<number, number>;
  /** What went wrong, with the frame that did it. */
  readonly faults: string[];
}

export function newCollabTally(): CollabTally {
  return { handled: 0, bad: 0, connections: 0, closes: new Map(), codes: new Map(), faults: [] };
}

interface Thrown {
  readonly frame: CollabFuzzFrame;
  errors: number;
  /** An answer named its id. */
  named: boolean;
}

/**
 * One connection's life in a room: volleys of frames, each followed by a ping. What is bad is answered in order, so between
 * the two pongs; operations are answered when they are done.
 */
export class CollabThrower {
  private readonly thrown: Thrown[] = [];
  /** Ids may come again: a mutation may have made them. */
  private readonly byId = new Map<string, Thrown[]>();
  private settled = 0;
  private strikes = 0;
  private connected = false;
  private wake: () => void = () => undefined;
  private closed: { readonly code: number; readonly reason: string } | undefined;

  private constructor(
    private readonly ws: WebSocket,
    private readonly tally: CollabTally,
  ) {
    ws.on('message', (data, isBinary) => {
      // Cursors of others, for whom has sent such frames.
      if (!isBinary) this.take(textOf(data));
      this.wake();
    });
    ws.on('error', () => undefined);
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') };
      this.wake();
    });
  }

  static async connect(wsUrl: string, token: string, tally: CollabTally): Promise<CollabThrower> {
    const options = { headers: { Authorization: `Bearer ${token}` }, perMessageDeflate: tally.connections % 2 === 0 };
    const thrower = new CollabThrower(new WebSocket(`${wsUrl}/ws/collab`, options), tally);
    tally.connections += 1;
    await thrower.until('a connection for fuzz', () => thrower.connected);
    return thrower;
  }

  /** Throws until it is closed or has thrown so many; the first of the rooms is joined. */
  async live(random: SeededRandom, rooms: readonly string[], frames: number): Promise<void> {
    const base = { id: SENTINEL_ID, version: 1, timestamp: 1 };
    this.ws.send(JSON.stringify({ ...base, type: 'join_room', payload: { roomId: rooms[0] } }));
    while (this.closed === undefined && this.thrown.length < frames) {
      await this.volley(Array.from({ length: VOLLEY }, () => collabFuzzFrame(random, rooms)));
    }
    await this.finish(random.chance(0.2));
  }

  private async volley(frames: readonly CollabFuzzFrame[]): Promise<void> {
    for (const frame of frames) {
      const thrown = { frame, errors: 0, named: false };
      if (frame.id !== undefined) this.byId.set(frame.id, [...(this.byId.get(frame.id) ?? []), thrown]);
      this.thrown.push(thrown);
      this.ws.send(frame.data, { binary: typeof frame.data !== 'string' });
      const timestamp = SENTINELS + this.thrown.length;
      const ping = { id: SENTINEL_ID, type: 'ping', version: 1, timestamp: 1, payload: { timestamp } };
      this.ws.send(JSON.stringify(ping));
    }
    await this.until('a volley to be answered', () => this.settled === this.thrown.length);
  }

  private async finish(abruptly: boolean): Promise<void> {
    const open = (): Thrown[] =>
      this.thrown.slice(0, this.settled).filter(({ frame, named }) => frame.expected === 'named' && !named);
    await this.until('late answers', () => open().length === 0).catch(() => undefined);
    if (this.closed === undefined) {
      for (const { frame } of open()) this.fault('was never answered', frame);
      if (abruptly) this.ws.terminate();
      else this.ws.close(1000);
      await this.until('the close', () => false);
    }
    const { code, reason } = this.closed ?? { code: 0, reason: '' };
    const key = `${String(code)} ${reason}`;
    this.tally.closes.set(key, (this.tally.closes.get(key) ?? 0) + 1);
    if (![1000, 1005, 1006, 1008].includes(code)) this.tally.faults.push(`closed with ${key}`);
    if (code === 1008 && this.strikes < STRIKES) {
      this.tally.faults.push(`closed with ${key} after ${String(this.strikes)} bad messages`);
    }
  }

  /** Also when the connection closes. */
  private async until(what: string, done: () => boolean): Promise<void> {
    if (done() || this.closed !== undefined) return;
    await within(
      VOLLEY_MS,
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
    if (!downCheck.is(message)) this.tally.faults.push(`the server said ${text.slice(0, 300)}`);
    else if (message.type === 'connected') this.connected = true;
    else if (message.type === 'pong' && message.payload.timestamp === SENTINELS + this.settled + 1) this.settle();
    else if (message.type === 'ack') this.name(message.payload.messageId);
    else if (message.type === 'auth_renewed')
      this.fault('rubbish was taken for a token', this.thrown[this.settled]?.frame);
    else if (message.type === 'error') this.takeError(message.payload, text);
  }

  private name(id: string | undefined): Thrown | undefined {
    if (id === undefined) return undefined;
    const current = this.thrown[this.settled];
    const answered = current?.frame.id === id ? current : this.byId.get(id)?.find(({ named }) => !named);
    if (answered !== undefined) answered.named = true;
    return answered;
  }

  private takeError(
    { code, details }: Extract<DownMessage, { readonly type: 'error' }>['payload'],
    text: string,
  ): void {
    this.tally.codes.set(code, (this.tally.codes.get(code) ?? 0) + 1);
    this.name(details.messageId);
    const current = this.thrown[this.settled];
    if (current !== undefined) current.errors += 1;
    if (code === 3001) this.strikes += 1;
    if (!CODES.has(code)) this.fault(`was answered ${text.slice(0, 200)}`, current?.frame);
    if (code === 3001 && (details.field ?? '') === '') this.fault(`no field: ${text.slice(0, 200)}`, current?.frame);
  }

  /** The pong after a frame: whatever answers it in order has come. */
  private settle(): void {
    const thrown = this.thrown[this.settled];
    this.settled += 1;
    if (thrown === undefined) return;
    const { frame, errors, named } = thrown;
    this.tally.handled += 1;
    if (frame.expected !== 'error') return;
    this.tally.bad += 1;
    if (errors === 0) this.fault('bad input was not answered with an error', frame);
    else if (frame.id !== undefined && !named) this.fault('the error does not name the message', frame);
  }

  private fault(what: string, frame: CollabFuzzFrame | undefined): void {
    const shown = frame === undefined ? '' : typeof frame.data === 'string' ? frame.data : frame.data.toString('hex');
    this.tally.faults.push(`${what} [${frame?.how ?? ''}, id ${frame?.id ?? 'none'}]: ${shown.slice(0, 600)}`);
  }
}
