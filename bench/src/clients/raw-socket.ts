import { connect, type Socket } from 'node:net';
import { FrameCounter, PONG } from './frames.js';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const DEADLINE_MS = 30_000;

export interface RawTarget {
  readonly port: number;
  readonly path: string;
  readonly token?: string | undefined;
  /** Frames written as soon as the upgrade is answered. */
  readonly first?: readonly Buffer[];
  /** Open when this many frames have come. */
  readonly ready: number;
}

/** A WebSocket client reduced to what a benchmark needs: it upgrades, writes prepared frames and counts what comes. */
export class RawSocket {
  private readonly counter = new FrameCounter();
  private upgraded = false;
  /** Called for every chunk after the upgrade. */
  listener: ((chunk: Buffer) => void) | undefined;

  private constructor(readonly socket: Socket) {}

  get frames(): number {
    return this.counter.frames;
  }

  static open(target: RawTarget, counted: (events: number, bytes: number) => void): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: target.port, host: '127.0.0.1', noDelay: true });
      const raw = new RawSocket(socket);
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new Error(`port ${target.port}: not open in time (${raw.frames} of ${target.ready} frames)`));
      }, DEADLINE_MS);
      let open = false;
      socket.on('connect', () => {
        socket.write(requestOf(target));
      });
      socket.on('data', (chunk: Buffer) => {
        const before = raw.counter.events;
        raw.take(chunk, target);
        if (open) counted(raw.counter.events - before, chunk.length);
        if (open || !raw.upgraded || raw.frames < target.ready) return;
        open = true;
        clearTimeout(timer);
        resolve(raw);
      });
      socket.on('error', reject);
      socket.on('close', () => {
        clearTimeout(timer);
        reject(new Error(`port ${target.port}: closed while opening`));
      });
    });
  }

  private take(chunk: Buffer, target: RawTarget): void {
    if (this.upgraded) {
      this.listener?.(chunk);
      this.counter.take(chunk);
      if (this.counter.pinged) {
        this.counter.pinged = false;
        this.socket.write(PONG);
      }
      return;
    }
    // On loopback the head comes in one piece.
    const end = chunk.indexOf(END_OF_HEAD);
    if (end < 0 || !chunk.subarray(0, 13).includes('101')) {
      this.socket.destroy(new Error(`upgrade refused: ${chunk.toString('latin1', 0, 60)}`));
      return;
    }
    this.upgraded = true;
    for (const frame of target.first ?? []) this.socket.write(frame);
    if (end + 4 < chunk.length) this.counter.take(chunk.subarray(end + 4));
  }
}

function requestOf({ port, path, token }: RawTarget): string {
  const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  return (
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${authorization}\r\n`
  );
}
