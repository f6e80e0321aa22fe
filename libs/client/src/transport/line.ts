import type { Closing } from './closing.js';
import type { WebSocketLike } from './websocket.js';

/** Bytes of the wire: text, or a binary frame. */
export type Frame = string | Uint8Array<ArrayBuffer>;
export type ReceivedFrame = string | ArrayBuffer;

export interface LineEvents {
  opened(): void;
  received(frame: ReceivedFrame): void;
  closed(closing: Closing): void;
}

/** No close frame came: the code of the WebSocket standard for that. */
const ABNORMAL = 1006;

/** One socket from its opening to its end, which is told once. */
export class Line {
  private over = false;

  constructor(
    private readonly socket: WebSocketLike,
    private readonly events: LineEvents,
  ) {
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      if (!this.over) events.opened();
    });
    socket.addEventListener('message', ({ data }) => {
      if (!this.over && (typeof data === 'string' || data instanceof ArrayBuffer)) events.received(data);
    });
    socket.addEventListener('close', ({ code, reason }) => this.end({ code, reason }));
    // A close follows by itself; without a listener `ws` would throw.
    socket.addEventListener('error', () => undefined);
  }

  /** Bytes that the system has not taken yet. */
  get buffered(): number {
    return this.socket.bufferedAmount;
  }

  send(frame: Frame): void {
    if (!this.over) this.socket.send(frame);
  }

  /** Hangs up; nothing more is heard of it. */
  drop(code?: number, reason?: string): void {
    if (this.over) return;
    this.over = true;
    try {
      this.socket.close(code, reason);
    } catch {
      // Not open yet, or closing already: it ends by itself.
    }
  }

  /** The other end is dead: waiting for the closing handshake would take a minute. */
  abandon(reason: string): void {
    if (this.over) return;
    this.drop();
    this.events.closed({ code: ABNORMAL, reason });
  }

  private end(closing: Closing): void {
    if (this.over) return;
    this.over = true;
    this.events.closed(closing);
  }
}
