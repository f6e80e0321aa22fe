import { within } from '@parley/testing';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { textOf } from './topics-client.js';

const OPENED_WITHIN_MS = 20_000;
const ANSWERED_WITHIN_MS = 5_000;

/** How a protocol is entered: what is said first, if anything, and what is in the frame that welcomes. */
export interface Door {
  readonly path: string;
  readonly first?: object;
  readonly welcome: string;
}

export interface LineClosed {
  readonly code: number;
  readonly reason: string;
}

/** A socket of any protocol that keeps the texts it is sent. */
export class Line {
  readonly heard: string[] = [];
  readonly closed: Promise<LineClosed>;
  private onText: () => void = () => undefined;

  private constructor(
    readonly path: string,
    private readonly ws: WebSocket,
  ) {
    ws.on('message', (data) => {
      this.heard.push(textOf(data));
      this.onText();
    });
    ws.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      ws.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString('utf8') });
      });
    });
  }

  static dial(wsUrl: string, path: string, token?: string): Line {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    return new Line(path, new WebSocket(wsUrl + path, { headers }));
  }

  /** Resolves when it is welcomed. */
  static async open(wsUrl: string, { path, first, welcome }: Door, token?: string): Promise<Line> {
    const line = Line.dial(wsUrl, path, token);
    const welcomed = new Promise<void>((resolve, reject) => {
      line.onText = () => {
        if (line.heard.at(-1)?.includes(welcome) === true) resolve();
      };
      void line.closed.then(({ code, reason }) => {
        reject(new Error(`${path} was closed with ${String(code)} ${reason}: ${line.heard.at(-1) ?? 'not a word'}`));
      });
      if (first !== undefined) {
        line.ws.once('open', () => {
          line.send(first);
        });
      }
    });
    await within(OPENED_WITHIN_MS, `the welcome on ${path}`, welcomed);
    return line;
  }

  send(message: object): void {
    this.ws.send(JSON.stringify(message));
  }

  /** Fails when nobody is at the other end any more. */
  async roundTrip(): Promise<void> {
    if (this.ws.readyState !== WebSocket.OPEN) throw new Error(`${this.path} is not open`);
    const answered = once(this.ws, 'pong');
    this.ws.ping();
    await within(ANSWERED_WITHIN_MS, `the pong on ${this.path}`, answered);
  }
}
