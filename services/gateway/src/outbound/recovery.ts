import type { Bus, ReadResult } from '@parley/bus';
import { fail, ok, type Outcome } from '@parley/contracts';
import type { Dialect, JoinRequest } from '@parley/dialects';
import type { Membership } from './channel.js';
import { outgoingOf, type Outgoing } from './outgoing.js';
import { SharedReads } from './shared-reads.js';

export interface Missed {
  readonly membership: Membership;
  readonly complete: boolean;
  /** Oldest first; empty unless complete. */
  readonly events: readonly Outgoing[];
  /** Held events up to here are in `events` already, or were known to the connection before. */
  readonly upTo: number;
}

type Recover = NonNullable<JoinRequest['recover']>;
type RecoveryError = 'unavailable' | 'timeout';

/** What was read, and its frames once per dialect, however many connections are given them. */
interface Reading extends ReadResult {
  readonly frames: Map<Dialect, readonly Outgoing[]>;
}

const DEADLINE_MS = 10_000;

/**
 * Reads what connections missed. After an outage ten thousand of them come back at once and ask for the same, so equal
 * questions are one read.
 */
export class Recovery {
  private readonly reads = new SharedReads<Outcome<Reading, RecoveryError>>();

  constructor(
    private readonly bus: Pick<Bus, 'read'>,
    /** More than this would overrun the connection that it is for: that counts as too much missed. */
    private readonly maxBytes: number,
  ) {}

  /** For the subjects of one join: together they have one deadline and one budget. */
  begin(): (membership: Membership, recover: Recover) => Promise<Outcome<Missed, RecoveryError>> {
    const endsAt = performance.now() + DEADLINE_MS;
    let left = this.maxBytes;
    return async (membership, recover) => {
      if (performance.now() > endsAt) return fail('timeout', 'what was missed could not be read in time');
      const reading = await this.read(membership, recover);
      if (!reading.ok) return reading;
      const missed = judge(reading.value, membership, recover, left);
      for (const { bytes } of missed.events) left -= bytes;
      return ok(missed);
    };
  }

  private read({ channel }: Membership, { after, limit }: Recover): Promise<Outcome<Reading, RecoveryError>> {
    const { stream, subject } = channel;
    return this.reads.share(`${subject} ${String(after)} ${String(limit)}`, async () => {
      const page = await this.bus.read({ stream, subject, after, limit: limit + 1 });
      return page.ok ? ok({ ...page.value, frames: new Map<Dialect, readonly Outgoing[]>() }) : page;
    });
  }
}

/**
 * Complete only if nothing between the connection's last event and now can have been dropped: the stream still reaches back
 * that far, no more events than the limit came since, none older than allowed, and the connection can take them.
 */
function judge(reading: Reading, membership: Membership, recover: Recover, maxBytes: number): Missed {
  const { events, more, firstSequence } = reading;
  const oldest = Date.now() - recover.maxAgeSeconds * 1_000;
  const complete =
    recover.after >= firstSequence - 1 &&
    !more &&
    events.length <= recover.limit &&
    events.every((event) => event.storedAt === 0 || event.storedAt >= oldest) &&
    events.reduce((bytes, event) => bytes + event.data.length, 0) <= maxBytes;
  if (!complete) return { membership, complete, events: [], upTo: 0 };
  const outgoing = framesFor(reading, membership.receiver.dialect);
  return { membership, complete, events: outgoing, upTo: events.at(-1)?.sequence ?? recover.after };
}

function framesFor({ events, frames }: Reading, dialect: Dialect): readonly Outgoing[] {
  const known = frames.get(dialect);
  if (known !== undefined) return known;
  const made = events.flatMap((event) =>
    outgoingOf(dialect, event, { sequence: event.sequence, repaired: false, routed: false }),
  );
  frames.set(dialect, made);
  return made;
}
