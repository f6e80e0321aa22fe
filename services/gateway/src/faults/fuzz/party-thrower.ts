import { compile } from '@parley/contracts';
import { within, type SeededRandom } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { textOf } from '../topics-client.js';
import { partyFuzzFrame, type PartyFuzzFrame } from './party-frames.js';

const LIFE_MS = 20_000;
const FRAMES = 30;
/** One below the number that ends a connection. */
const MOST_BAD = 19;
/** What a client that is a guest may be told; never `internal`. */
const CODES = new Set(['already_joined', 'invalid_message', 'unauthorized', 'unavailable']);
/** Of the frames that this puts between those that it throws; nothing else carries such a time. */
const MARK = 1_000_000_000;

const downCheck = compile(
  Type.Object({ type: Type.String(), timestamp: Type.Number(), code: Type.Optional(Type.String()) }),
);

export interface PartyTally {
  /** Frames that the gateway has dealt with. */
  handled: number;
  /** Of them, those that were bad input. */
  bad: number;
  readonly codes: Map<string, number>;
  /** What went wrong, with the frame that did it. */
  readonly faults: string[];
}

export function newPartyTally(): PartyTally {
  return { handled: 0, bad: 0, codes: new Map(), faults: [] };
}

/**
 * One connection's life: it joins, then writes its frames all at once, a ping behind each. Whatever a frame was, it has one
 * answer or none, and the ping behind it is answered too.
 */
export class PartyThrower {
  private isIn = false;
  private errors = 0;
  private pongs = 0;
  private marks = 0;
  private closed: { readonly code: number; readonly reason: string } | undefined;
  private thrown: PartyFuzzFrame[] = [];
  private wake: () => void = () => undefined;

  private constructor(
    private readonly ws: WebSocket,
    private readonly tally: PartyTally,
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

  static async live(wsUrl: string, sessionId: string, tally: PartyTally, random: SeededRandom): Promise<void> {
    const thrower = new PartyThrower(new WebSocket(`${wsUrl}/ws/party`), tally);
    await new Promise((resolve) => thrower.ws.once('open', resolve));
    const deviceInfo = { id: randomUUID(), name: 'A phone', type: 'client' };
    thrower.ws.send(JSON.stringify({ type: 'join', timestamp: 1, sessionId, deviceInfo }));
    await thrower.until('the welcome', () => thrower.isIn);
    if (thrower.isIn) await thrower.throwAll(random);
    else tally.faults.push(`was not let in: ${JSON.stringify(thrower.closed)}`);
  }

  private async throwAll(random: SeededRandom): Promise<void> {
    let bad = 0;
    let leaving = false;
    while (this.thrown.length < FRAMES && bad < MOST_BAD && !leaving) {
      const frame = partyFuzzFrame(random);
      this.thrown.push(frame);
      this.ws.send(frame.data, { binary: typeof frame.data !== 'string' });
      this.ws.send(JSON.stringify({ type: 'ping', timestamp: MARK + this.thrown.length }));
      if (frame.bad) bad += 1;
      leaving = frame.answer === 'the end';
    }
    if (random.chance(0.05)) {
      this.ws.terminate();
      return;
    }
    const marks = this.thrown.length - (leaving ? 1 : 0);
    await this.until('everything to be dealt with', () => !leaving && this.marks >= marks);
    this.judge(leaving);
    this.tally.handled += this.thrown.length;
    this.tally.bad += bad;
    this.ws.send(JSON.stringify({ type: 'leave', timestamp: 1 }));
    await this.until('the end', () => false);
  }

  private judge(leaving: boolean): void {
    const count = (answer: string): number => this.thrown.filter((frame) => frame.answer === answer).length;
    if (leaving ? this.closed?.code !== 1000 : this.closed !== undefined) {
      this.fault(`was closed: ${JSON.stringify(this.closed)}`);
    }
    if (this.errors !== count('an error')) {
      this.fault(`${String(this.errors)} errors for ${String(count('an error'))} frames`);
    }
    if (this.pongs !== count('a pong')) {
      this.fault(`${String(this.pongs)} pongs for ${String(count('a pong'))} pings`);
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
    if (!downCheck.is(message)) {
      this.fault(`the server said ${text.slice(0, 200)}`);
      return;
    }
    if (message.type === 'welcome') this.isIn = true;
    if (message.type === 'pong') {
      if (message.timestamp === MARK + this.marks + 1) this.marks += 1;
      else this.pongs += 1;
    }
    if (message.type === 'error') this.takeError(message.code ?? 'none', text);
  }

  private takeError(code: string, text: string): void {
    this.errors += 1;
    this.tally.codes.set(code, (this.tally.codes.get(code) ?? 0) + 1);
    if (!CODES.has(code)) this.fault(`was answered ${text.slice(0, 200)}`);
  }

  private fault(what: string): void {
    const frames = this.thrown.map(({ data, how, answer }) => {
      const shown = typeof data === 'string' ? data : data.toString('hex');
      return `[${how}, ${answer}] ${shown.slice(0, 200)}`;
    });
    this.tally.faults.push(`${what}:\n${frames.join('\n')}`);
  }
}
