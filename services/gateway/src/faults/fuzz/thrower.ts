import { compile } from '@parley/contracts';
import { within, type SeededRandom } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { WebSocket } from 'ws';
import { textOf } from '../topics-client.js';
import { fuzzFrame, type FuzzFrame, type Surroundings } from './frames.js';

const VOLLEY = 12;
const VOLLEY_MS = 20_000;
const LATE_ANSWER_MS = 5_000;
const STRIKES = 20;
/** Sentinels are told from the pings that are fuzz by their size. */
const SENTINELS = 7_000_000_000_000;
/** What the server sends of its own accord, answering nobody. */
const EVENTS = new Set(['Broadcast', 'DirectMessage', 'Notification', 'Presence', 'Binary', 'Ping']);
const CODES = new Set([400, 401, 403, 404, 429, 503]);

const messageCheck = compile(Type.Object({ type: Type.String(), data: Type.Unknown() }));
const dataCheck = compile(
  Type.Object({
    timestamp: Type.Optional(Type.Number()),
    message_id: Type.Optional(Type.String()),
    code: Type.Optional(Type.Integer()),
    details: Type.Optional(
      Type.Object({ message_id: Type.Optional(Type.String()), field: Type.Optional(Type.String()) }),
    ),
  }),
);

export interface Tally {
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

export function newTally(): Tally {
  return { handled: 0, bad: 0, connections: 0, closes: new Map(), codes: new Map(), faults: [] };
}

interface Thrown {
  readonly frame: FuzzFrame;
  answers: number;
  errors: number;
  /** An answer named its id. */
  named: boolean;
}

/**
 * One connection's life: volleys of frames, each followed by a ping. Since answers come in order, what lies between two
 * pongs answers the frame between the two pings.
 */
export class Thrower {
  private readonly thrown: Thrown[] = [];
  /** Ids may come again: a mutation may have made them. */
  private readonly byId = new Map<string, Thrown[]>();
  private settled = 0;
  private strikes = 0;
  private wake: () => void = () => undefined;
  private closed: { readonly code: number; readonly reason: string } | undefined;

  private constructor(
    private readonly ws: WebSocket,
    private readonly tally: Tally,
  ) {
    ws.on('message', (data, isBinary) => {
      if (!isBinary) this.take(textOf(data));
      this.wake();
    });
    ws.on('error', () => undefined);
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') };
      this.wake();
    });
  }

  static async connect(wsUrl: string, token: string, tally: Tally): Promise<Thrower> {
    const ws = new WebSocket(`${wsUrl}/ws/topics`, { headers: { Authorization: `Bearer ${token}` } });
    const thrower = new Thrower(ws, tally);
    tally.connections += 1;
    await within(VOLLEY_MS, 'a connection for fuzz', new Promise((resolve) => ws.once('open', resolve)));
    return thrower;
  }

  /** Throws until it is closed or has thrown so many. */
  async live(random: SeededRandom, around: Surroundings, frames: number): Promise<void> {
    while (this.closed === undefined && this.thrown.length < frames) {
      await this.volley(Array.from({ length: VOLLEY }, () => fuzzFrame(random, around)));
    }
    await this.finish();
  }

  private async volley(frames: readonly FuzzFrame[]): Promise<void> {
    for (const frame of frames) {
      const thrown = { frame, answers: 0, errors: 0, named: false };
      if (frame.id !== undefined) this.byId.set(frame.id, [...(this.byId.get(frame.id) ?? []), thrown]);
      this.thrown.push(thrown);
      this.ws.send(frame.data, { binary: typeof frame.data !== 'string' });
      this.ws.send(`{"type":"Ping","data":{"timestamp":${String(SENTINELS + this.thrown.length)}}}`);
    }
    await this.until(VOLLEY_MS, 'a volley to be answered', () => this.settled === this.thrown.length);
  }

  /** Counts of receivers come late; everything else has been answered by now. */
  private async finish(): Promise<void> {
    const open = (): Thrown[] =>
      this.thrown.slice(0, this.settled).filter(({ frame, named }) => frame.id !== undefined && !named);
    await this.until(LATE_ANSWER_MS, 'late answers', () => open().length === 0).catch(() => undefined);
    if (this.closed === undefined) {
      for (const { frame } of open()) this.fault('an id was never answered', frame);
      this.ws.close(1000);
      await this.until(VOLLEY_MS, 'the close', () => false);
    }
    const { code, reason } = this.closed ?? { code: 0, reason: '' };
    const key = `${String(code)} ${reason}`;
    this.tally.closes.set(key, (this.tally.closes.get(key) ?? 0) + 1);
    if (code === 1008 && this.strikes < STRIKES) {
      this.tally.faults.push(`closed with ${key} after ${String(this.strikes)} bad messages`);
    }
  }

  /** Also when the connection closes. */
  private async until(deadlineMs: number, what: string, done: () => boolean): Promise<void> {
    if (done() || this.closed !== undefined) return;
    await within(
      deadlineMs,
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
    if (!messageCheck.is(message)) {
      this.tally.faults.push(`the server said ${text.slice(0, 200)}`);
      return;
    }
    const { type, data } = message;
    if (EVENTS.has(type)) return;
    const read = dataCheck.is(data) ? data : {};
    if (type === 'Pong' && read.timestamp !== undefined && read.timestamp === SENTINELS + this.settled + 1) {
      this.settle();
      return;
    }
    const current = this.thrown[this.settled];
    if (current !== undefined) current.answers += 1;
    this.note(read.message_id ?? read.details?.message_id, current);
    if (type === 'Error') this.takeError(text, read.code ?? 0, read.details?.field, current);
  }

  /** Whose answer it is: the frame's whose turn it is, else the first that waits. */
  private note(id: string | undefined, current: Thrown | undefined): void {
    if (id === undefined) return;
    const answered = current?.frame.id === id ? current : this.byId.get(id)?.find(({ named }) => !named);
    if (answered !== undefined) answered.named = true;
  }

  private takeError(text: string, code: number, field: string | undefined, current: Thrown | undefined): void {
    this.tally.codes.set(code, (this.tally.codes.get(code) ?? 0) + 1);
    if (current !== undefined) current.errors += 1;
    if (code === 400) this.strikes += 1;
    if (!CODES.has(code)) this.fault(`was answered ${text.slice(0, 200)}`, current?.frame);
    if (code === 400 && current?.frame.expected === 'error' && (field === undefined || field === '')) {
      this.fault(`an error without a field: ${text.slice(0, 200)}`, current.frame);
    }
  }

  /** The pong after a frame: whatever answers it in order has come. */
  private settle(): void {
    const thrown = this.thrown[this.settled];
    this.settled += 1;
    if (thrown === undefined) return;
    const { frame, answers, errors, named } = thrown;
    this.tally.handled += 1;
    if (frame.expected === 'error') {
      this.tally.bad += 1;
      if (errors === 0) this.fault('bad input was not answered with an error', frame);
      else if (frame.id !== undefined && !named) this.fault('the error does not name the message', frame);
    } else if (frame.expected === 'answer' && answers === 0 && frame.id === undefined) {
      this.fault('was not answered', frame);
    }
  }

  private fault(what: string, frame: FuzzFrame | undefined): void {
    const shown = frame === undefined ? '' : typeof frame.data === 'string' ? frame.data : frame.data.toString('hex');
    this.tally.faults.push(`${what} [${frame?.how ?? ''}, id ${frame?.id ?? 'none'}]: ${shown.slice(0, 600)}`);
  }
}
