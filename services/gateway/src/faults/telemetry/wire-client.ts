import { within } from '@parley/testing';
import { WebSocket } from 'ws';
import { textOf } from '../topics-client.js';

const ANSWER_MS = 15_000;

/** A client of any dialect that speaks JSON: keeps what it is sent, as text. */
export class WireClient {
  readonly heard: string[] = [];
  private readonly ws: WebSocket;

  constructor(url: string, token?: string) {
    this.ws = new WebSocket(url, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });
    this.ws.on('message', (data) => this.heard.push(textOf(data)));
    this.ws.on('error', () => undefined);
  }

  async opened(): Promise<this> {
    await within(ANSWER_MS, 'the upgrade', new Promise((resolve) => this.ws.once('open', resolve)));
    return this;
  }

  send(message: object): void {
    this.ws.send(JSON.stringify(message));
  }

  /** The first frame, past or to come, that holds this. */
  hears(part: string): Promise<string> {
    const find = (): string | undefined => this.heard.find((text) => text.includes(part));
    const past = find();
    if (past !== undefined) return Promise.resolve(past);
    const coming = new Promise<string>((resolve, reject) => {
      this.ws.on('message', () => {
        const found = find();
        if (found !== undefined) resolve(found);
      });
      this.ws.once('close', (code) => {
        reject(new Error(`closed with ${String(code)} before ${part}; heard ${this.heard.join('\n')}`));
      });
    });
    return within(ANSWER_MS, part, coming);
  }

  close(): void {
    this.ws.terminate();
  }
}
