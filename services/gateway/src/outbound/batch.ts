import type { ConnectionId } from '@parley/contracts';
import { isNews, type Membership, type Receiver } from './channel.js';
import type { Outgoing } from './outgoing.js';

/** Held events beyond this end the connection rather than grow without end. */
const MAX_HELD = 10_000;
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** Answers of the writing functions instead of a number of bytes: the connection has to go. */
export const TOO_SLOW = -1;

/** A whole batch as receivers of one form get it. */
interface Shared {
  readonly buffer: Buffer;
  /** Where each part ends in it. */
  readonly ends: readonly number[];
}

/**
 * What came for one dialect within a tick. Nearly every receiver gets the one buffer of its form in one write; the others
 * get what is theirs part by part.
 */
export class Batch {
  /** No part may be left out, however slow the receiver. */
  private readonly lossless: boolean;
  private readonly repaired: boolean;
  /** The lowest sequence that a member may have skipped. */
  private readonly lowest: number;
  private readonly exceptions: ReadonlySet<ConnectionId> | undefined;
  private readonly forms: Shared[] = [];

  constructor(private readonly parts: readonly Outgoing[]) {
    this.lossless = parts.every(({ delivery }) => delivery.class === 'must');
    this.repaired = parts.some(({ origin }) => origin.repaired);
    this.lowest = lowestOf(parts);
    this.exceptions = exceptionsOf(parts);
  }

  get size(): number {
    return this.parts.length;
  }

  /** The bytes written, or `TOO_SLOW`. */
  writeTo(membership: Membership): number {
    const { receiver } = membership;
    if (membership.held !== undefined || this.repaired || membership.skipTo >= this.lowest) {
      return this.writeEach(membership);
    }
    const shared = (this.forms[receiver.form] ??= this.share(receiver.form));
    const { buffer } = shared;
    if (!this.lossless && !receiver.outbox.takes(buffer.length)) return this.writeEach(membership);
    if (this.exceptions?.has(receiver.id) === true) return this.writeAround(receiver, shared);
    return receiver.outbox.writeMust(buffer) ? buffer.length : TOO_SLOW;
  }

  private share(form: number): Shared {
    const wires = this.parts.map((part) => part.wire(form));
    const [only] = wires;
    let end = 0;
    const ends = wires.map((wire) => (end += wire.length));
    return { buffer: only !== undefined && wires.length === 1 ? only : Buffer.concat(wires, end), ends };
  }

  /** For one who is the exception to some parts: the buffer in slices, and between them what is its own. */
  private writeAround({ id, form, outbox }: Receiver, { buffer, ends }: Shared): number {
    outbox.cork();
    let written = 0;
    let from = 0;
    const write = (wire: Buffer): boolean => {
      written += wire.length;
      return wire.length === 0 || outbox.writeMust(wire);
    };
    for (const [index, part] of this.parts.entries()) {
      if (part.except !== id) continue;
      const start = ends[index - 1] ?? 0;
      if (!write(buffer.subarray(from, start))) return TOO_SLOW;
      from = ends[index] ?? buffer.length;
      const own = part.instead(form);
      if (own !== undefined && !write(own)) return TOO_SLOW;
    }
    return write(buffer.subarray(from)) ? written : TOO_SLOW;
  }

  /** Members that are catching up or read slowly, and events that not everyone gets. */
  private writeEach(membership: Membership): number {
    const { receiver } = membership;
    let written = 0;
    for (const part of this.parts) {
      if (!isNews(membership, part.origin)) continue;
      if (membership.held !== undefined) {
        membership.heldBytes += part.bytes;
        if (membership.held.length >= MAX_HELD || membership.heldBytes > MAX_HELD_BYTES) return TOO_SLOW;
        membership.held.push(part);
        continue;
      }
      const wire = part.wireFor(receiver);
      if (wire === undefined) continue;
      if (receiver.outbox.write(wire, part.delivery) === 'slow') return TOO_SLOW;
      written += wire.length;
    }
    return written;
  }
}

function lowestOf(parts: readonly Outgoing[]): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { origin } of parts) {
    if (origin.sequence > 0 && !origin.routed && origin.sequence < lowest) lowest = origin.sequence;
  }
  return lowest;
}

function exceptionsOf(parts: readonly Outgoing[]): ReadonlySet<ConnectionId> | undefined {
  let exceptions: Set<ConnectionId> | undefined;
  for (const { except } of parts) if (except !== undefined) (exceptions ??= new Set()).add(except);
  return exceptions;
}
