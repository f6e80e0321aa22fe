import { FrameReader } from './frame-reader.js';
import { maskedText } from './frames.js';
import { RawSocket, type RawTarget } from './raw-socket.js';

export type Message = Readonly<Record<string, unknown>>;

const BRACE = '{'.charCodeAt(0);
const ANSWER_MS = 30_000;

interface Wait {
  readonly fits: (message: Message) => boolean;
  readonly done: (message: Message) => void;
}

/** A client that speaks JSON objects and waits for those that it is interested in. */
export class Talker {
  private readonly waits = new Set<Wait>();
  /** Hears everything, before those who wait. */
  onMessage: ((message: Message) => void) | undefined;

  private constructor(private readonly raw: RawSocket) {
    const reader = new FrameReader((data, start, end) => {
      if (data[start] === BRACE) this.take(data.toString('utf8', start, end));
    });
    raw.listener = (chunk) => {
      reader.take(chunk);
    };
  }

  static async open(target: Omit<RawTarget, 'ready'>): Promise<Talker> {
    return new Talker(await RawSocket.open({ ...target, ready: 0 }, () => undefined));
  }

  send(message: object): void {
    this.raw.socket.write(maskedText(JSON.stringify(message)));
  }

  /** Of what comes from now on, the first that fits. */
  next(what: string, fits: Wait['fits']): Promise<Message> {
    return new Promise((resolve, reject) => {
      const wait: Wait = {
        fits,
        done: (message) => {
          clearTimeout(timer);
          this.waits.delete(wait);
          resolve(message);
        },
      };
      const timer = setTimeout(() => {
        this.waits.delete(wait);
        reject(new Error(`${what} did not come in time`));
      }, ANSWER_MS);
      this.waits.add(wait);
    });
  }

  async close(): Promise<void> {
    const { socket } = this.raw;
    if (socket.closed) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.destroy();
    await closed;
  }

  private take(text: string): void {
    const message: unknown = JSON.parse(text);
    if (!isMessage(message)) return;
    this.onMessage?.(message);
    for (const wait of this.waits) if (wait.fits(message)) wait.done(message);
  }
}

export function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
