import type { SessionLimits } from '../../dialect.js';
import { TokenBucket } from '../../token-bucket.js';
import type { UpMessage } from '../up.js';

const REFUSALS_PER_BURST = 10;
/** A compressed batch is small to send, and costs what 2 MiB cost: who was away sends several, and nobody goes on so. */
const UNPACKED_PER_SECOND = 1;
const UNPACKED_BURST = 5;

/** 0: may be done. A number: in so many ms. `flooding`: it has been told so too often. */
export type Verdict = number | 'flooding';

/** How often a connection may do what: anything, and within that move its cursor, change a document, send packed batches. */
export class Limits {
  private readonly messages: TokenBucket;
  private readonly pointers: TokenBucket;
  private readonly operations: TokenBucket;
  private readonly unpacked: TokenBucket;
  /** Each refusal costs us a frame read and one written. */
  private readonly patience: TokenBucket;

  constructor(limits: SessionLimits, now: number) {
    const { messagesPerSecond, messageBurst, operationsPerSecond, cursorsPerSecond } = limits;
    this.messages = new TokenBucket(messagesPerSecond, messageBurst, now);
    this.pointers = new TokenBucket(cursorsPerSecond, cursorsPerSecond, now);
    this.operations = new TokenBucket(operationsPerSecond, operationsPerSecond, now);
    this.unpacked = new TokenBucket(UNPACKED_PER_SECOND, UNPACKED_BURST, now);
    this.patience = new TokenBucket(messagesPerSecond, messageBurst * REFUSALS_PER_BURST, now);
  }

  take(type: UpMessage['type'], now: number): Verdict {
    const waitMs = this.messages.take(now) || (this.bucketOf(type)?.take(now) ?? 0);
    if (waitMs === 0) return 0;
    return this.patience.take(now) > 0 ? 'flooding' : waitMs;
  }

  /** What could not be read counts as a message too; it is answered whatever the rate, and struck. */
  takeBad(now: number): void {
    this.messages.take(now);
  }

  private bucketOf(type: UpMessage['type']): TokenBucket | undefined {
    switch (type) {
      case 'cursor_move':
      case 'selection_change':
      case 'binary_cursor':
      case 'binary_selection':
        return this.pointers;
      case 'operation':
        return this.operations;
      case 'packed_batch':
        return this.unpacked;
      default:
        return undefined;
    }
  }
}
