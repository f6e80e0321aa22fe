import type { ConnectionId, StreamName } from '@parley/contracts';
import type { ReceivedEvent } from '@parley/bus';
import { SparseSet, type Delivery, type Dialect, type EndReason } from '@parley/dialects';
import type { Outbox } from '../socket/outbox.js';

/** What fan-out needs of a connection. */
export interface Receiver {
  readonly id: ConnectionId;
  readonly dialect: Dialect;
  readonly outbox: Pick<Outbox, 'write' | 'writeMust' | 'cork'>;
  /** The last delivery that it took part in, so that overlapping subscriptions deliver once. */
  stamp: number;
  observe(event: ReceivedEvent): void;
  end(reason: EndReason): void;
}

/** An event as it leaves: one buffer for all receivers of one dialect. */
export interface Outgoing {
  readonly wire: Buffer;
  readonly delivery: Delivery;
  readonly sequence: number;
  readonly except: ConnectionId | undefined;
  /** Read from the stream after the fact: only for those who had already joined when it was stored. */
  readonly repaired: boolean;
  /** Came here by a route: its sequence is of another subject than the channel's. */
  readonly routed: boolean;
}

/** One connection in one channel. */
export interface Membership {
  readonly receiver: Receiver;
  readonly channel: Channel;
  /** Events up to here are none of its business. */
  floor: number;
  /** Place in its group, for removal without a search. */
  index: number;
  /** What waits while the connection catches up; undefined: live. */
  held: Outgoing[] | undefined;
  heldBytes: number;
}

/** The members of one dialect. */
export interface Group {
  readonly dialect: Dialect;
  readonly members: Membership[];
  /** How many of them are held. */
  heldCount: number;
}

/** One subject (or pattern) that this pod listens to, and who of its connections wants it. */
export class Channel {
  readonly groups: Group[] = [];
  /** In-process listeners: the gateway's own ears. */
  readonly listeners = new SparseSet<(event: ReceivedEvent) => void>();
  /** The stream's last sequence when the bus confirmed the subscription; undefined until then. */
  position: number | undefined;

  constructor(
    readonly subject: string,
    readonly stream: StreamName,
  ) {}

  get empty(): boolean {
    return this.groups.length === 0 && this.listeners.size === 0;
  }

  add(receiver: Receiver, floor: number): Membership {
    const group = this.groupOf(receiver.dialect);
    const membership: Membership = {
      receiver,
      channel: this,
      floor,
      index: group.members.length,
      held: [],
      heldBytes: 0,
    };
    group.members.push(membership);
    group.heldCount += 1;
    return membership;
  }

  /** From here on it is delivered to directly. */
  release(membership: Membership): void {
    if (membership.held === undefined) return;
    membership.held = undefined;
    this.groupOf(membership.receiver.dialect).heldCount -= 1;
  }

  remove(membership: Membership): void {
    const group = this.groupOf(membership.receiver.dialect);
    this.release(membership);
    const last = group.members.pop();
    if (last !== undefined && last !== membership) {
      group.members[membership.index] = last;
      last.index = membership.index;
    }
    if (group.members.length === 0) this.groups.splice(this.groups.indexOf(group), 1);
  }

  *members(): Iterable<Membership> {
    for (const group of this.groups) yield* group.members;
  }

  private groupOf(dialect: Dialect): Group {
    const found = this.groups.find((group) => group.dialect === dialect);
    if (found !== undefined) return found;
    const group: Group = { dialect, members: [], heldCount: 0 };
    this.groups.push(group);
    return group;
  }
}
