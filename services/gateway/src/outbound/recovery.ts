import type { Bus, ReceivedEvent } from '@parley/bus';
import { ok, type Outcome } from '@parley/contracts';
import type { EventEncoder, JoinRequest } from '@parley/dialects';
import { wireFrames } from '../socket/wire.js';
import type { Membership, Outgoing } from './channel.js';

export interface Missed {
  readonly membership: Membership;
  readonly complete: boolean;
  /** Oldest first; empty unless complete. */
  readonly events: readonly Outgoing[];
  /** Held events up to here are in `events` already. */
  readonly upTo: number;
}

/**
 * Reads what a connection missed on a subject. Complete only if nothing between its last event and now can have been
 * dropped: the stream still reaches back that far, fewer events than the limit came since, none older than allowed.
 */
export async function readMissed(
  bus: Pick<Bus, 'read'>,
  membership: Membership,
  recover: NonNullable<JoinRequest['recover']>,
): Promise<Outcome<Missed, 'unavailable' | 'timeout'>> {
  const { channel, receiver } = membership;
  const page = await bus.read({
    stream: channel.stream,
    subject: channel.subject,
    after: recover.after,
    limit: recover.limit + 1,
  });
  if (!page.ok) return page;
  const { events, more, firstSequence } = page.value;
  const oldest = Date.now() - recover.maxAgeSeconds * 1_000;
  const complete =
    recover.after >= firstSequence - 1 &&
    !more &&
    events.length <= recover.limit &&
    events.every((event) => event.storedAt === 0 || event.storedAt >= oldest);
  if (!complete) return ok({ membership, complete, events: [], upTo: 0 });
  const outgoing = events.flatMap((event) => encodeFor(receiver.dialect.encoders.get(event.kind), event));
  return ok({ membership, complete, events: outgoing, upTo: events.at(-1)?.sequence ?? 0 });
}

function encodeFor(encoder: EventEncoder | undefined, event: ReceivedEvent): Outgoing[] {
  const encoded = encoder?.encode(event);
  if (encoded === undefined) return [];
  const { delivery, except } = encoded;
  return [{ wire: wireFrames(encoded.frames), delivery, sequence: event.sequence, except, repaired: false }];
}
