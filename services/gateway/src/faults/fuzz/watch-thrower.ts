import { compile } from '@parley/contracts';
import { within, type SeededRandom } from '@parley/testing';
import { Type, type Static } from '@sinclair/typebox';
import { WebSocket } from 'ws';
import type { Person } from '../people.js';
import { textOf } from '../topics-client.js';
import { watchFuzzFrame, type WatchFuzzFrame, type WatchRole } from './watch-frames.js';

const LIFE_MS = 20_000;
const FRAMES = 30;
/** One below the number that ends a connection. */
const MOST_BAD = 19;
/** What is never an answer to what a client did. */
const OURS = /^(Internal error|Service unavailable)/;
const MARK = 'mark ';

const Down = Type.Object({
  type: Type.String(),
  request_id: Type.Optional(Type.String()),
  ts: Type.String(),
  payload: Type.Object({ message: Type.Optional(Type.String()), session_id: Type.Optional(Type.String()) }),
});
const downCheck = compile(Down);
type Down = Static<typeof Down>;

export interface WatchTally {
  /** Frames that the gateway has dealt with. */
  handled: number;
  /** Of them, those that were bad input. */
  bad: number;
  /** Of them, those that reached the other party. */
  passed: number;
  /** What went wrong, with the frames that did it. */
  readonly faults: string[];
}

export function newWatchTally(): WatchTally {
  return { handled: 0, bad: 0, passed: 0, faults: [] };
}

/** A socket and what came over it, all of it messages of this protocol, or it is a fault. */
export class WatchSocket {
  readonly heard: (Down & { readonly text: string })[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  private wake: () => void = () => undefined;

  private constructor(
    private readonly ws: WebSocket,
    private readonly fault: (what: string) => void,
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

  static async open(
    wsUrl: string,
    role: WatchRole,
    hello: object,
    fault: (what: string) => void,
  ): Promise<WatchSocket> {
    const socket = new WatchSocket(new WebSocket(`${wsUrl}/ws/${role}`), fault);
    await new Promise((resolve) => socket.ws.once('open', resolve));
    socket.send('hello', hello);
    await socket.until('the hello_ack', () => socket.of('hello_ack').length > 0);
    return socket;
  }

  of(type: string): readonly (Down & { readonly text: string })[] {
    return this.heard.filter((down) => down.type === type);
  }

  send(type: string, payload: object, requestId?: string): void {
    const message = { type, request_id: requestId, ts: new Date().toISOString(), payload };
    this.write(JSON.stringify(message));
  }

  write(data: string | Buffer): void {
    this.ws.send(data, { binary: typeof data !== 'string' });
  }

  drop(): void {
    this.ws.terminate();
  }

  async close(): Promise<void> {
    this.ws.close(1000);
    await this.until('the end', () => false);
  }

  /** Also when the connection closes. */
  async until(what: string, done: () => boolean): Promise<void> {
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
    const down: unknown = JSON.parse(text);
    if (downCheck.is(down)) this.heard.push({ ...down, text });
    else this.fault(`the server said ${text.slice(0, 300)}`);
  }
}

/**
 * A device and its owner, who watches it. One of them writes its frames all at once, a heartbeat behind each: every answer
 * comes, once, in order, with the id of what it answers; the other party hears exactly what was to be passed on.
 */
export class WatchThrower {
  private thrown: WatchFuzzFrame[] = [];

  private constructor(
    private readonly tally: WatchTally,
    private readonly parties: Readonly<Record<WatchRole, WatchSocket>>,
    private readonly sessionId: string,
  ) {}

  /** `deviceId`: of a keyless device that nobody else is. */
  static async live(
    wsUrl: string,
    { token }: Person,
    deviceId: string,
    tally: WatchTally,
    random: SeededRandom,
  ): Promise<void> {
    const fault = (what: string): void => {
      tally.faults.push(what);
    };
    const device = await WatchSocket.open(wsUrl, 'device', { device_id: deviceId }, fault);
    // Not with what it was in before.
    const viewer = await WatchSocket.open(wsUrl, 'viewer', { token, sessions: [] }, fault);
    viewer.send('watch_request', { device_id: deviceId });
    await viewer.until('watch_ready', () => viewer.of('watch_ready').length > 0);
    const sessionId = viewer.of('watch_ready')[0]?.payload.session_id;
    if (sessionId === undefined) {
      tally.faults.push(`was not let in: ${JSON.stringify(viewer.closed ?? viewer.heard)}`);
      return;
    }
    viewer.send('signal_offer', { session_id: sessionId, sdp: { type: 'offer', sdp: '' } });
    await device.until('the offer', () => device.of('signal_offer').length > 0);
    device.send('signal_answer', { session_id: sessionId, sdp: { type: 'answer', sdp: '' } });
    await viewer.until('the answer', () => viewer.of('signal_answer').length > 0);
    await new WatchThrower(tally, { device, viewer }, sessionId).throwAll(random);
  }

  private async throwAll(random: SeededRandom): Promise<void> {
    const role = random.pick(['device', 'viewer'] as const);
    const [from, to] = [this.parties[role], this.parties[role === 'device' ? 'viewer' : 'device']];
    const [already, heard] = [from.heard.length, to.heard.length];
    let bad = 0;
    while (this.thrown.length < FRAMES && bad < MOST_BAD) {
      const frame = watchFuzzFrame(random, role, this.sessionId);
      this.thrown.push(frame);
      from.write(frame.data);
      from.send('heartbeat', {}, `${MARK}${String(this.thrown.length)}`);
      if (frame.bad) bad += 1;
    }
    if (random.chance(0.05)) {
      for (const party of [from, to]) party.drop();
      return;
    }
    const last = `${MARK}${String(this.thrown.length)}`;
    await from.until('everything to be dealt with', () => from.heard.at(-1)?.request_id === last);
    const expected = this.thrown.flatMap(({ answer }) => (answer.kind === 'passed on' ? [answer.body] : []));
    const passed = () => to.heard.slice(heard).filter(({ type }) => type.startsWith('signal_'));
    await to.until('everything to be passed on', () => passed().length >= expected.length);
    this.judge(from, from.heard.slice(already));
    const told = passed().map(({ text }) => text);
    const differs = told.findIndex((text, index) => !text.endsWith(`":${expected[index] ?? ''}}}`));
    if (differs >= 0 || told.length !== expected.length) {
      this.fault(`${String(told.length)} of ${String(expected.length)} passed on, other at ${String(differs)}`);
    }
    this.tally.handled += this.thrown.length;
    this.tally.bad += bad;
    this.tally.passed += told.length;
    await this.end();
  }

  private judge(from: WatchSocket, answers: readonly Down[]): void {
    if (from.closed !== undefined) this.fault(`was closed: ${JSON.stringify(from.closed)}`);
    const expected = this.thrown.flatMap(({ answer, requestId }, index) => {
      const mark = `heartbeat_ack ${MARK}${String(index + 1)}`;
      if (answer.kind === 'an error') return [`error ${requestId ?? ''}`, mark];
      return answer.kind === 'an ack' ? [`heartbeat_ack ${requestId ?? ''}`, mark] : [mark];
    });
    const got = answers.map(({ type, request_id: id }) => `${type} ${id ?? ''}`);
    const differs = expected.findIndex((one, index) => one !== got[index]);
    if (differs >= 0 || got.length !== expected.length) {
      this.fault(`answered ${String(got[differs])} instead of ${String(expected[differs])}, ${String(differs)}`);
    }
    const ours = answers.find(({ payload }) => OURS.test(payload.message ?? ''));
    if (ours !== undefined) this.fault(`was answered ${JSON.stringify(ours)}`);
  }

  private async end(): Promise<void> {
    const { device, viewer } = this.parties;
    viewer.send('end_watch', { session_id: this.sessionId });
    for (const party of [viewer, device]) {
      await party.until('the end of the session', () => party.of('watch_ended').length > 0);
      await party.close();
    }
  }

  private fault(what: string): void {
    const frames = this.thrown.map(({ data, how, answer, requestId }) => {
      const shown = typeof data === 'string' ? data : data.toString('hex');
      return `[${how}, ${answer.kind}, ${String(requestId)}] ${shown.slice(0, 200)}`;
    });
    this.tally.faults.push(`${what}:\n${frames.join('\n')}`);
  }
}
