import { SparseMap, type Delivery } from '@parley/dialects';
import type { Socket } from 'node:net';

const NOTHING = new Uint8Array(0);

export interface OutboxLimits {
  /** Unsent bytes beyond which superseded and droppable messages no longer join the queue. */
  readonly softBytes: number;
  /** Unsent bytes beyond which the connection is given up. */
  readonly hardBytes: number;
}

/** `written`: on its way. `parked`: the newest of its key, sent when the reader catches up. `slow`: close the connection. */
export type OutboxVerdict = 'written' | 'parked' | 'dropped' | 'slow';

/**
 * What one connection has still to be sent. The queue itself is the socket's; this counts its bytes and decides what may
 * enter. Finished frames go to the socket directly, past the WebSocket library, which would frame them once per receiver.
 */
export class Outbox {
  private readonly parked = new SparseMap<string, Buffer>();
  private parkedBytes = 0;
  /** Of a single write that is longer than the limit by itself, such as a large document, until it is gone. */
  private extraBytes = 0;
  private corked = false;
  private closed = false;

  constructor(
    private readonly socket: Socket,
    private readonly limits: OutboxLimits,
    /** Told of what a slow reader's outbox does to its messages. */
    private readonly acted: (action: 'parked' | 'superseded' | 'dropped') => void = () => undefined,
  ) {
    socket.on('drain', () => {
      this.extraBytes = 0;
      this.unpark();
    });
  }

  /** Parked ones included: there are as many keys as there are users to watch. */
  get unsentBytes(): number {
    return this.socket.writableLength + this.parkedBytes;
  }

  get parkedMessages(): number {
    return this.parked.size;
  }

  /** The hot path of fan-out: a message that must arrive. */
  writeMust(wire: Buffer): boolean {
    if (this.isTooMuch(wire.length)) {
      // Who has read everything so far is not slow, however much comes at once.
      if (this.unsentBytes > this.limits.softBytes) return false;
      this.extraBytes = wire.length;
    }
    this.socket.write(wire);
    return true;
  }

  /** Nothing waits, and this many bytes more could all go now, whatever their class. */
  takes(bytes: number): boolean {
    return this.parked.size === 0 && this.socket.writableLength + bytes <= this.limits.softBytes;
  }

  write(wire: Buffer, delivery: Delivery): OutboxVerdict {
    if (delivery.class === 'must') return this.writeMust(wire) ? 'written' : 'slow';
    if (this.socket.writableLength <= this.limits.softBytes) {
      // A newer one may overtake a parked one of its key, never the other way round.
      if (delivery.class === 'newest') this.takeParked(delivery.key);
      this.socket.write(wire);
      return 'written';
    }
    if (delivery.class === 'droppable') {
      this.acted('dropped');
      return 'dropped';
    }
    const older = this.parked.get(delivery.key);
    const grows = wire.length - (older?.length ?? 0);
    if (this.isTooMuch(grows)) return 'slow';
    this.parked.set(delivery.key, wire);
    this.parkedBytes += grows;
    this.acted(older === undefined ? 'parked' : 'superseded');
    return 'parked';
  }

  /** True once the system has taken all that was written so far; false when it does not within the time, or the socket ends. */
  flushed(deadlineMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadlineMs, false);
      timer.unref();
      // Its callback comes after everything before it.
      this.socket.write(NOTHING, (error) => {
        clearTimeout(timer);
        resolve(!(error instanceof Error));
      });
    });
  }

  private isTooMuch(bytes: number): boolean {
    return this.unsentBytes + bytes > this.limits.hardBytes + this.extraBytes;
  }

  /** Nothing may follow a close frame, so what is parked stays behind. */
  close(): void {
    this.closed = true;
    this.parked.clear();
    this.parkedBytes = 0;
  }

  /** What is written from here to the end of the tick leaves in one system call. */
  cork(): void {
    if (this.corked) return;
    this.corked = true;
    this.socket.cork();
    setImmediate(() => {
      this.uncork();
    });
  }

  uncork(): void {
    if (!this.corked) return;
    this.corked = false;
    this.socket.uncork();
  }

  private unpark(): void {
    for (const [key, wire] of this.parked) {
      if (this.closed || this.socket.writableLength > this.limits.softBytes) return;
      this.takeParked(key);
      this.socket.write(wire);
    }
  }

  private takeParked(key: string): void {
    const wire = this.parked.get(key);
    if (wire === undefined) return;
    this.parked.delete(key);
    this.parkedBytes -= wire.length;
  }
}
