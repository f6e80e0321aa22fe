import { within } from '@parley/testing';
import { connect, type Socket } from 'node:net';
import { maskedFrame, readFrames } from './wire-frame.js';

const DEADLINE_MS = 10_000;
const TEXT = 1;
const CLOSE = 8;

/** A WebSocket client without manners: it sends whatever bytes it is given. */
export class RawSocket {
  /** Texts that the server sent. */
  readonly texts: string[] = [];
  /** Of the server's close frame; 1005 for one without a code. */
  closeCode: number | undefined;
  ended = false;
  /** What the server sent before any frame. */
  head = '';
  private rest = Buffer.alloc(0);
  private wake: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      this.take(bytes);
      this.wake();
    });
    socket.on('close', () => {
      this.ended = true;
      this.wake();
    });
  }

  static open(port: number): RawSocket {
    return new RawSocket(connect(port, '127.0.0.1'));
  }

  /** Upgraded, logged in and welcomed. */
  static async logIn(port: number, token: string): Promise<RawSocket> {
    const raw = RawSocket.open(port);
    raw.write(
      [
        'GET /ws/topics HTTP/1.1',
        'Host: x',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        `Authorization: Bearer ${token}`,
        '\r\n',
      ].join('\r\n'),
    );
    await raw.until('the welcome', () => raw.texts.some((text) => text.includes('"connected"')));
    return raw;
  }

  write(bytes: string | Buffer): void {
    if (!this.ended) this.socket.write(bytes);
  }

  /** Sends a ping of `topics` as a proof that the connection lives; resolves with whether it was answered. */
  async alive(): Promise<boolean> {
    const stamp = `424242${String(this.texts.length)}`;
    this.write(maskedFrame({ opcode: TEXT, payload: Buffer.from(`{"type":"Ping","data":{"timestamp":${stamp}}}`) }));
    await this.until('a pong or the end', () => this.ended || this.texts.some((text) => text.includes(stamp)));
    return !this.ended;
  }

  /** Leaves without a word. */
  drop(): void {
    this.socket.resetAndDestroy();
  }

  async until(what: string, done: () => boolean): Promise<void> {
    if (done()) return;
    await within(
      DEADLINE_MS,
      what,
      new Promise<void>((resolve) => {
        this.wake = () => {
          if (done()) resolve();
        };
      }),
    );
  }

  private take(bytes: Buffer): void {
    this.rest = Buffer.concat([this.rest, bytes]);
    if (this.head === '') {
      const end = this.rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.rest.toString('latin1', 0, end);
      this.rest = this.rest.subarray(end + 4);
    }
    if (!this.head.startsWith('HTTP/1.1 101')) return;
    const { frames, rest } = readFrames(this.rest);
    this.rest = Buffer.from(rest);
    for (const { opcode, payload } of frames) {
      if (opcode === TEXT) this.texts.push(payload.toString('utf8'));
      if (opcode === CLOSE) this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    }
  }
}
