import type { WebSocketLike } from '@parley/client';

/** A socket whose other end is the test. */
export class FakeSocket implements WebSocketLike {
  static readonly made: FakeSocket[] = [];
  binaryType = '';
  readonly bufferedAmount = 0;
  readonly sent: unknown[] = [];
  private readonly opens: (() => void)[] = [];
  private readonly messages: ((event: { readonly data: unknown }) => void)[] = [];
  private readonly closes: ((event: { readonly code: number; readonly reason: string }) => void)[] = [];

  constructor() {
    FakeSocket.made.push(this);
  }

  static get last(): FakeSocket {
    const last = this.made.at(-1);
    if (last === undefined) throw new Error('nobody has connected');
    return last;
  }

  /** Each is one of the three; there is nothing to tell of an error that its close does not tell. */
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
  addEventListener(type: string, listener: (event: { data: unknown; code: number; reason: string }) => void): void {
    const nothing = { data: undefined, code: 1_006, reason: '' };
    if (type === 'open') this.opens.push(() => listener(nothing));
    if (type === 'message') this.messages.push((event) => listener({ ...nothing, ...event }));
    if (type === 'close') this.closes.push((event) => listener({ ...nothing, ...event }));
  }

  send(data: string | Uint8Array): void {
    if (typeof data === 'string') this.sent.push(JSON.parse(data));
  }

  close(): void {
    // The client has hung up, and hears no more of it.
  }

  dispatch(t: string, d: unknown): void {
    for (const listener of this.messages) listener({ data: JSON.stringify({ op: 'DISPATCH', t, d }) });
  }

  break(): void {
    for (const listener of this.closes) listener({ code: 1_006, reason: 'broken' });
  }
}
