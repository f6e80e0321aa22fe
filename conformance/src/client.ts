import type { Socket } from 'node:net';
import WebSocket, { type RawData } from 'ws';
import { ScenarioFailure } from './failure.js';
import { difference, matches, type Pattern } from './match.js';

/** How long an answer may take unless a scenario says otherwise, ms. */
export const ANSWER_MS = 15_000;
const CLOSE_MS = 2_000;
const SHOWN_LENGTH = 600;
const SHOWN_FRAMES = 10;

export interface TextFrame {
  readonly kind: 'text';
  readonly text: string;
  /** Undefined when the text is not JSON. */
  readonly json: unknown;
}

export interface BinaryFrame {
  readonly kind: 'binary';
  readonly bytes: Buffer;
}

export type Frame = TextFrame | BinaryFrame;

export interface Closed {
  readonly kind: 'closed';
  readonly code: number;
  readonly reason: string;
}

export interface ClientOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly subprotocols?: readonly string[];
  /** Default true; without it the client looks dead to the server's pings. */
  readonly answersPings?: boolean;
  /** Offers permessage-deflate, and compresses what it sends. */
  readonly deflate?: boolean;
  /** How long an answer may take; default 15,000. */
  readonly answerMs?: number;
  /** Frames that may come at any time, such as keep-alives; skipped unless they are what is expected. */
  readonly background?: (message: unknown) => boolean;
}

/** A socket and what came over it, in order. Each frame is taken once. */
export class Client {
  readonly #frames: Frame[] = [];
  readonly #background: (message: unknown) => boolean;
  readonly #answerMs: number;
  #closed: Closed | undefined;
  #wake: (() => void) | undefined;
  #pings = 0;
  #stream: Socket | undefined;
  #extensions = '';

  private constructor(
    readonly socket: WebSocket,
    options: ClientOptions,
  ) {
    this.#background = options.background ?? (() => false);
    this.#answerMs = options.answerMs ?? ANSWER_MS;
    socket.on('message', (data, binary) => {
      this.#frames.push(frameOf(data, binary));
      this.#wake?.();
    });
    socket.on('upgrade', ({ socket: stream, headers }) => {
      this.#stream = stream;
      this.#extensions = headers['sec-websocket-extensions'] ?? '';
    });
    socket.on('ping', () => {
      this.#pings += 1;
      this.#wake?.();
    });
    socket.on('close', (code, reason) => {
      this.#closed = { kind: 'closed', code, reason: reason.toString() };
      this.#wake?.();
    });
  }

  /** Resolves when the upgrade was accepted; fails with the HTTP status when it was not. */
  static async open(url: string, options: ClientOptions = {}): Promise<Client> {
    const socket = connect(url, options);
    const client = new Client(socket, options);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_, response) => {
        response.resume();
        socket.terminate();
        reject(new ScenarioFailure(`the upgrade was answered with HTTP ${String(response.statusCode)}`));
      });
      socket.once('error', (error) => reject(new ScenarioFailure(`no connection to ${bare(url)}: ${error.message}`)));
    });
    // What is said about a broken connection is said by its close.
    socket.on('error', () => undefined);
    return client;
  }

  /** WebSocket pings of the server so far. */
  get pings(): number {
    return this.#pings;
  }

  /** As they came from the network, upgrade included. */
  get bytesRead(): number {
    return this.#stream?.bytesRead ?? 0;
  }

  /** That were negotiated, with their parameters. */
  get extensions(): string {
    return this.#extensions;
  }

  get closed(): Closed | undefined {
    return this.#closed;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.socket.send(text);
  }

  sendBinary(bytes: Uint8Array): void {
    this.socket.send(bytes, { binary: true });
  }

  /** The very next frame, background aside, must match. */
  async expect(pattern: Pattern, withinMs = this.#answerMs): Promise<TextFrame> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const frame = await this.#take(deadline, () => describe(pattern));
      if (frame.kind === 'binary') throw new ScenarioFailure(`expected ${describe(pattern)}`, show(frame));
      const differing = difference(pattern, frame.json);
      if (differing === undefined) return frame;
      if (!this.#background(frame.json)) {
        throw new ScenarioFailure(`expected ${describe(pattern)}, but ${differing}`, show(frame));
      }
    }
  }

  /** The next message whatever it is, background aside. */
  async message(withinMs = this.#answerMs): Promise<TextFrame> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const frame = await this.#take(deadline, () => 'any message');
      if (frame.kind === 'binary') throw new ScenarioFailure('expected a message', show(frame));
      if (!this.#background(frame.json)) return frame;
    }
  }

  /** Skips what does not match. For where others may speak in between. */
  async eventually(pattern: Pattern, withinMs = this.#answerMs): Promise<TextFrame> {
    const deadline = performance.now() + withinMs;
    const skipped: Frame[] = [];
    for (;;) {
      const frame = await this.#take(
        deadline,
        () => `${describe(pattern)}; came instead, last: ${skipped.slice(-SHOWN_FRAMES).map(show).join(' ')}`,
      );
      if (frame.kind === 'text' && matches(pattern, frame.json)) return frame;
      skipped.push(frame);
    }
  }

  /** All frames up to one that matches, which is the last of them; background left out. */
  async collectUntil(pattern: Pattern, withinMs = this.#answerMs): Promise<readonly TextFrame[]> {
    const deadline = performance.now() + withinMs;
    const collected: TextFrame[] = [];
    for (;;) {
      const frame = await this.#take(deadline, () => `${describe(pattern)} after ${collected.length} other frames`);
      if (frame.kind === 'binary') continue;
      if (matches(pattern, frame.json)) return [...collected, frame];
      if (!this.#background(frame.json)) collected.push(frame);
    }
  }

  async expectBinary(withinMs = this.#answerMs): Promise<Buffer> {
    const frame = await this.#take(performance.now() + withinMs, () => 'a binary frame');
    if (frame.kind === 'text') throw new ScenarioFailure('expected a binary frame', show(frame));
    return frame.bytes;
  }

  /** The close comes next, background aside. */
  async expectClose(code: number, withinMs = this.#answerMs): Promise<Closed> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const next = await this.#next(deadline);
      if (next === undefined) throw new ScenarioFailure(`not closed within ${withinMs} ms, expected close ${code}`);
      if (next.kind === 'closed') {
        if (next.code === code) return next;
        throw new ScenarioFailure(`expected close ${code}, got close ${next.code} "${next.reason}"`);
      }
      if (next.kind === 'text' && this.#background(next.json)) continue;
      throw new ScenarioFailure(`expected close ${code}`, show(next));
    }
  }

  /** Whatever comes until the close, and the close. */
  async ended(withinMs = this.#answerMs): Promise<{ readonly frames: readonly Frame[]; readonly closed: Closed }> {
    const deadline = performance.now() + withinMs;
    const frames: Frame[] = [];
    for (;;) {
      const next = await this.#next(deadline);
      if (next === undefined) {
        throw new ScenarioFailure(`not closed within ${withinMs} ms; ${frames.length} frames came`);
      }
      if (next.kind === 'closed') return { frames, closed: next };
      frames.push(next);
    }
  }

  /** Waits until so many WebSocket pings have come in all. */
  async pinged(count: number, withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (this.#pings < count) {
      if (this.#closed !== undefined) throw new ScenarioFailure(`closed with ${this.#closed.code} before a ping`);
      if (!(await this.#woken(deadline))) throw new ScenarioFailure(`no ping within ${withinMs} ms`);
    }
  }

  /** Asks for the close, and does not wait for ever to be granted it. */
  async close(): Promise<void> {
    if (this.#closed !== undefined) return;
    this.socket.close(1000);
    const { closed } = await this.ended(CLOSE_MS).catch(() => ({ closed: undefined }));
    if (closed === undefined) this.socket.terminate();
  }

  /** Without a close frame, as a lost network. */
  drop(): void {
    this.socket.terminate();
  }

  async #take(deadline: number, wanted: () => string): Promise<Frame> {
    const started = performance.now();
    const next = await this.#next(deadline);
    if (next === undefined) {
      throw new ScenarioFailure(`waited ${Math.round(performance.now() - started)} ms in vain for ${wanted()}`);
    }
    if (next.kind !== 'closed') return next;
    throw new ScenarioFailure(`closed with ${next.code} "${next.reason}" instead of ${wanted()}`);
  }

  async #next(deadline: number): Promise<Frame | Closed | undefined> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (this.#closed !== undefined) return this.#closed;
      if (!(await this.#woken(deadline))) return undefined;
    }
  }

  async #woken(deadline: number): Promise<boolean> {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), left);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(true);
      };
    });
  }
}

/** The HTTP status with which an upgrade is refused; undefined when it is accepted. */
export async function refusalOf(url: string): Promise<number | undefined> {
  const socket = connect(url, {});
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.close();
      resolve(undefined);
    });
    socket.once('unexpected-response', (_, response) => {
      response.resume();
      socket.terminate();
      resolve(response.statusCode);
    });
    socket.once('error', (error) => reject(new ScenarioFailure(`no connection to ${bare(url)}: ${error.message}`)));
  });
}

function connect(url: string, options: ClientOptions): WebSocket {
  return new WebSocket(url, [...(options.subprotocols ?? [])], {
    headers: options.headers ?? {},
    autoPong: options.answersPings ?? true,
    perMessageDeflate: options.deflate === true ? { threshold: 0 } : false,
    handshakeTimeout: ANSWER_MS,
  });
}

function frameOf(data: RawData, binary: boolean): Frame {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
  if (binary) return { kind: 'binary', bytes };
  const text = bytes.toString();
  return { kind: 'text', text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(pattern: Pattern): string {
  return shorten(
    JSON.stringify(pattern, (_, inner: unknown) => (typeof inner === 'function' ? `<${inner.name}>` : inner)),
  );
}

function show(frame: Frame): string {
  return frame.kind === 'text'
    ? shorten(frame.text)
    : `<${frame.bytes.length} bytes: ${frame.bytes.toString('hex', 0, 32)}>`;
}

function shorten(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}… (${text.length} characters)` : text;
}

/** Tokens do not belong into reports. */
function bare(url: string): string {
  return url.replace(/\?.*/, '');
}
