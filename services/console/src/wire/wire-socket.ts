import type { WebSocketConstructor, WebSocketLike } from '@parley/client';
import type { WireLog } from './wire-log.js';

export interface Wire {
  /** Ends the socket as a broken network does: the page hears 1006. */
  cut(): void;
}

export interface WireHost {
  readonly log: WireLog;
  readonly online: () => boolean;
  readonly opened: (wire: Wire) => unknown;
  readonly closed: (wire: Wire, code: number) => void;
}

interface Listeners {
  readonly open: Set<() => void>;
  readonly message: Set<(event: { readonly data: unknown }) => void>;
  readonly close: Set<(event: { readonly code: number; readonly reason: string }) => void>;
  readonly error: Set<() => void>;
}

/** No close frame came: the code of the WebSocket standard for that. */
const ABNORMAL = 1006;

let count = 0;

/** A constructor of sockets whose frames are logged, and which can be cut. */
export function openWire(host: WireHost): WebSocketConstructor {
  return class WireSocket implements WebSocketLike, Wire {
    private readonly socket: WebSocket | undefined;
    private readonly listeners: Listeners = { open: new Set(), message: new Set(), close: new Set(), error: new Set() };
    private readonly line;
    private over = false;

    constructor(url: string, protocols: string[] = []) {
      count += 1;
      this.line = host.log.line(count, new URL(url));
      if (!host.online()) {
        // As a browser does it: not before the caller has put its listeners on.
        setTimeout(() => this.end(ABNORMAL, 'the connection is cut'), 0);
        return;
      }
      host.opened(this);
      const socket = new globalThis.WebSocket(url, protocols);
      socket.binaryType = 'arraybuffer';
      socket.addEventListener('open', () => this.begun());
      socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.heard(data));
      socket.addEventListener('close', ({ code, reason }) => this.end(code, reason));
      this.socket = socket;
    }

    get binaryType(): string {
      return 'arraybuffer';
    }

    /** Always array buffers, which is what the clients ask for. */
    set binaryType(_type: string) {
      if (this.socket !== undefined) this.socket.binaryType = 'arraybuffer';
    }

    get bufferedAmount(): number {
      return this.socket?.bufferedAmount ?? 0;
    }

    send(data: string | Uint8Array<ArrayBuffer>): void {
      if (this.over || this.socket === undefined) return;
      this.line.sent(data);
      this.socket.send(data);
    }

    close(code?: number, reason?: string): void {
      this.socket?.close(code, reason);
    }

    addEventListener(type: 'open', listener: () => void): void;
    addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
    addEventListener(
      type: 'close',
      listener: (event: { readonly code: number; readonly reason: string }) => void,
    ): void;
    addEventListener(type: 'error', listener: () => void): void;
    addEventListener<K extends keyof Listeners>(type: K, listener: Parameters<Listeners[K]['add']>[0]): void {
      const set: Set<typeof listener> = this.listeners[type];
      set.add(listener);
    }

    cut(): void {
      if (this.over) return;
      this.end(ABNORMAL, 'cut');
      this.socket?.close();
    }

    private begun(): void {
      if (this.over) return;
      this.line.opened();
      for (const listener of this.listeners.open) listener();
    }

    private heard(data: unknown): void {
      if (this.over) return;
      if (typeof data === 'string' || data instanceof ArrayBuffer) this.line.received(data);
      for (const listener of this.listeners.message) listener({ data });
    }

    private end(code: number, reason: string): void {
      if (this.over) return;
      this.over = true;
      this.line.closed(code, reason);
      host.closed(this, code);
      for (const listener of this.listeners.close) listener({ code, reason });
    }
  };
}
