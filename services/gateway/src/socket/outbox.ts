import type { Delivery } from '@parley/dialects';
import type { Socket } from 'node:net';

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
  private readonly parked = new Map<string, Buffer>();
  private corked = false;

  constructor(
    private readonly socket: Socket,
    private readonly limits: OutboxLimits,
  ) {
    socket.on('drain', () => {
      this.unpark();
    });
  }

  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  get parkedMessages(): number {
    return this.parked.size;
  }

  /** The hot path of fan-out: a message that must arrive. */
  writeMust(wire: Buffer): boolean {
    if (this.socket.writableLength + wire.length > this.limits.hardBytes) return false;
    this.socket.write(wire);
    return true;
  }

  write(wire: Buffer, delivery: Delivery): OutboxVerdict {
    if (delivery.class === 'must') return this.writeMust(wire) ? 'written' : 'slow';
    if (this.socket.writableLength <= this.limits.softBytes) {
      // A newer one may overtake a parked one of its key, never the other way round.
      if (delivery.class === 'newest') this.parked.delete(delivery.key);
      this.socket.write(wire);
      return 'written';
    }
    if (delivery.class === 'droppable') return 'dropped';
    this.parked.set(delivery.key, wire);
    return 'parked';
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
      if (this.socket.writableLength > this.limits.softBytes) return;
      this.parked.delete(key);
      this.socket.write(wire);
    }
  }
}
