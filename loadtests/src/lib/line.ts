import { WebSocket } from 'k6/websockets';
import type { ErrorEvent, MessageEvent } from 'k6/websockets';

export interface Ends {
  opened(line: Line): void;
  heard(text: string, line: Line): void;
  /** Once. 1006: without a word, or it never opened. */
  closed(code: number, reason: string): void;
}

/** k6 has the number, though its types promise the name. */
const OPEN = 1;

/** One WebSocket. k6 tells a script nothing of an upgrade that was refused, as browsers don't: neither status nor headers. */
export class Line {
  private readonly socket: WebSocket;
  private over = false;

  constructor(url: string, ends: Ends) {
    this.socket = new WebSocket(url, null, { tags: { url: 'ws', name: 'ws' } });
    this.socket.addEventListener('open', () => {
      if (!this.over) ends.opened(this);
    });
    this.socket.addEventListener('message', (event: MessageEvent | ErrorEvent) => {
      if (!this.over && 'data' in event && typeof event.data === 'string') ends.heard(event.data, this);
    });
    this.socket.addEventListener('close', (event: MessageEvent | ErrorEvent) => {
      if (this.over) return;
      this.over = true;
      const code = 'code' in event && typeof event.code === 'number' ? event.code : 1006;
      const reason = 'reason' in event && typeof event.reason === 'string' ? event.reason : '';
      ends.closed(code, reason);
    });
  }

  get open(): boolean {
    return !this.over && this.socket.readyState === OPEN;
  }

  /** Nothing is promised: what needs an answer is sent again when there is none. */
  say(message: object): void {
    if (this.open) this.socket.send(JSON.stringify(message));
  }

  /** `closed` is not told of it. */
  end(): void {
    this.over = true;
    if (this.socket.readyState === OPEN) this.socket.close(1000);
  }
}
