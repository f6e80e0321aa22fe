import type { RoomId } from '@parley/contracts';
import { SparseMap } from '../../sparse.js';

interface Submitted {
  readonly roomId: RoomId;
  /** Known once the service has answered, or the event has been heard of. */
  version?: number;
  /** The event is held, and with it the acknowledgment. */
  held?: boolean;
}

export interface Ack {
  readonly messageId: string;
  readonly version: number;
}

/**
 * Operations whose acknowledgment has not been written. It lies in the room's event, in its place among the operations of
 * others; where that event does not reach the connection, because the room is being left or joined again, the answer to the
 * submission has to do. So that each is acknowledged once, this remembers which of the two has come.
 */
export class PendingAcks {
  private readonly submitted = new SparseMap<string, Submitted>();

  get size(): number {
    return this.submitted.size;
  }

  submit(messageId: string, roomId: RoomId): void {
    this.submitted.set(messageId, { roomId });
  }

  forget(messageId: string): void {
    this.submitted.delete(messageId);
  }

  /** True: acknowledge it now. `joinedAt`: the version that the room was joined at, undefined when it is not joined. */
  accepted(messageId: string, version: number, room: 'joining' | 'out' | { readonly joinedAt: number }): boolean {
    const pending = this.submitted.get(messageId);
    if (pending === undefined) return false;
    if (room === 'out' || (room !== 'joining' && version <= room.joinedAt)) {
      this.submitted.delete(messageId);
      return true;
    }
    pending.version = version;
    return false;
  }

  /** The event that holds its acknowledgment has been written, or is held until the room is joined. */
  announced(messageId: string, version: number, held: boolean): void {
    const pending = this.submitted.get(messageId);
    if (pending === undefined) return;
    if (held) Object.assign(pending, { version, held });
    else this.submitted.delete(messageId);
  }

  /** Acknowledgments that no event will bring any more, now that the room has been joined at this version. */
  joined(roomId: RoomId, joinedAt: number): readonly Ack[] {
    return this.takeOf(roomId, ({ version, held }) => {
      if (version !== undefined && version <= joinedAt) return 'acknowledge';
      return held === true ? 'forget' : 'keep';
    });
  }

  /** The same, now that the room has been left. */
  left(roomId: RoomId): readonly Ack[] {
    return this.takeOf(roomId, ({ version }) => (version === undefined ? 'keep' : 'acknowledge'));
  }

  private takeOf(roomId: RoomId, judge: (one: Submitted) => 'acknowledge' | 'forget' | 'keep'): readonly Ack[] {
    const acks: Ack[] = [];
    for (const [messageId, one] of this.submitted) {
      const verdict = one.roomId === roomId ? judge(one) : 'keep';
      if (verdict === 'keep') continue;
      this.submitted.delete(messageId);
      if (verdict === 'acknowledge' && one.version !== undefined) acks.push({ messageId, version: one.version });
    }
    return acks;
  }
}
