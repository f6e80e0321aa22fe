import type { ConnectionId, StreamName } from '@parley/contracts';
import type { ReceivedEvent } from '@parley/bus';
import { SparseSet, type Dialect, type EndReason } from '@parley/dialects';
import type { Outbox } from '../socket/outbox.js';
import type { Origin, Outgoing } from './outgoing.js';

/** What fan-out needs of a connection. */
export interface Receiver {
  readonly id: ConnectionId;
  readonly dialect: Dialect;
  /** How it wants its events: `DEFLATED`, `ALTERNATIVE`, both or neither. */
  readonly form: number;
  readonly outbox: Pick<Outbox, 'write' | 'writeMust' | 'takes' | 'cork'>;
  /** The last delivery that it took part in, so that overlapping subscriptions deliver once. */
  stamp: number;
  /** `flush` writes what came before the event and is still pending: whoever acts on it calls that first. */
  observe(event: ReceivedEvent, flush: () => void): void;
  end(reason: EndReason): void;
}

/** One connection in one channel. */
export interface Membership {
  readonly receiver: Receiver;
  readonly channel: Channel;
  /** It joined here: what is read again of earlier events is not for it. */
  floor: number;
  /** It knows what events up to here say, whenever they come. */
  skipTo: number;
  /** Place in its group, for removal without a search. */
  index: number;
  /** What waits while the connection catches up; undefined: live. */
  held: Outgoing[] | undefined;
  heldBytes: number;
}

/** Whether an event is for this member at all. What a route brought was not skipped: that is said of a subject's own. */
export function isNews({ floor, skipTo }: Membership, { sequence, repaired, routed }: Origin): boolean {
  if (sequence === 0) return true;
  return !(repaired && sequence <= floor) && (routed || sequence > skipTo);
}

/** The members of one dialect. */
export interface Group {
  readonly dialect: Dialect;
  readonly members: Membership[];
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
      skipTo: 0,
      index: group.members.length,
      held: [],
      heldBytes: 0,
    };
    group.members.push(membership);
    return membership;
  }

  remove(membership: Membership): void {
    const group = this.groupOf(membership.receiver.dialect);
    membership.held = undefined;
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
    const group: Group = { dialect, members: [] };
    this.groups.push(group);
    return group;
  }
}
