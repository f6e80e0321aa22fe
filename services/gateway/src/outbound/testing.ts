import { newConnectionId, topicMessage, type ConnectionId } from '@parley/contracts';
import { encoder, encoders, MUST, textFrame, type Dialect, type EndReason } from '@parley/dialects';
import { EventEmitter } from 'node:events';
import type { Receiver } from './channel.js';

/** A dialect that writes a topic message as its id, for tests of what lies between bus and socket. */
export const plainDialect: Dialect = {
  name: 'topics',
  version: 'test',
  endpoints: [],
  keepAlive: { silentAfterMs: 60_000, probeAfterMs: 30_000 },
  encoders: encoders(
    encoder(topicMessage, ({ payload }) => ({ frames: [textFrame(payload.messageId)], delivery: MUST })),
  ),
  observes: new Set(),
  open: () => {
    throw new Error('not in these tests');
  },
};

/** A receiver that keeps what it is written, frame by frame. */
export class RecordingReceiver extends EventEmitter implements Receiver {
  readonly id: ConnectionId = newConnectionId();
  readonly texts: string[] = [];
  readonly endings: EndReason[] = [];
  stamp = 0;
  form = 0;
  /** Reads as fast as it is written to. */
  fast = true;
  writes = 0;
  readonly outbox: Receiver['outbox'];

  constructor(readonly dialect: Dialect = plainDialect) {
    super();
    this.outbox = {
      writeMust: (wire) => this.take(wire),
      takes: () => this.fast,
      write: (wire) => (this.take(wire) ? 'written' : 'slow'),
      cork: () => undefined,
    };
  }

  observe(): void {
    // The plain dialect observes nothing.
  }

  end(reason: EndReason): void {
    this.endings.push(reason);
  }

  private take(wire: Buffer): boolean {
    this.writes += 1;
    // Texts of these tests are shorter than 126 bytes: two bytes of header each.
    for (let at = 0; at < wire.length;) {
      const length = wire[at + 1] ?? 0;
      this.texts.push(wire.toString('utf8', at + 2, at + 2 + length));
      at += 2 + length;
    }
    this.emit('text');
    return true;
  }
}
