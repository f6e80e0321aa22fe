import type { StreamName } from '@parley/contracts';
import {
  counter,
  histogram,
  observe,
  tallies,
  timings,
  upDownCounter,
  type Observation,
  type Tallies,
  type Tally,
  type Timing,
} from '@parley/telemetry';

export const connectionsActive = upDownCounter('parley.connections.active', {
  unit: '{connection}',
  description: 'Open WebSocket connections, by dialect.',
});
export const connectionsOpened = counter('parley.connections.opened', {
  unit: '{connection}',
  description: 'WebSocket connections accepted, by dialect.',
});
export const connectionsClosed = counter('parley.connections.closed', {
  unit: '{connection}',
  description: 'WebSocket connections closed, by dialect and reason (`client` when the other side left).',
});
/** There from the start, at zero: what is not there cannot be told from what is not measured. */
const byStream = (metric: Tallies): Readonly<Record<StreamName, Tally>> => ({
  EVENTS: metric.of({ stream: 'EVENTS' }),
  TOPICS: metric.of({ stream: 'TOPICS' }),
});

const handshakesRefused = tallies('parley.handshakes.refused', {
  unit: '{handshake}',
  description: 'Upgrades refused before a socket was opened, by reason.',
});
/** `unknown_path`, or the code of the error. */
export function handshakeRefused(reason: string): void {
  handshakesRefused.of({ reason }).add(1);
}
for (const reason of ['unknown_path', 'unavailable', 'limit_exceeded', 'rate_limited'])
  handshakesRefused.of({ reason });

const framesReceived = tallies('parley.frames.received', {
  unit: '{frame}',
  description: 'Frames from clients, by dialect.',
});
const bytesReceived = tallies('parley.bytes.received', {
  unit: 'By',
  description: 'Payload bytes from clients, by dialect.',
});
const framesSent = tallies('parley.frames.sent', {
  unit: '{frame}',
  description: 'Frames to single clients, in answer to what they sent, by dialect. What goes to many is a delivery.',
});
const bytesSent = tallies('parley.bytes.sent', {
  unit: 'By',
  description: 'Bytes of such frames, by dialect.',
});
const frameDuration = timings('parley.frame.duration', {
  unit: 's',
  description: 'Frames handled: from being read to the end of all that they asked for, waiting included, by dialect.',
});
const deliveries = tallies('parley.deliveries', {
  unit: '{delivery}',
  description: 'Events written to sockets, one per event and receiver, by dialect.',
});
const bytesDelivered = tallies('parley.bytes.delivered', {
  unit: 'By',
  description: 'Bytes of events written to sockets, by dialect.',
});
const deliveryDelay = timings('parley.delivery.duration', {
  unit: 's',
  description: 'From an event being stored to its being written to sockets, by dialect.',
});
const slowReaders = tallies('parley.slow_readers', {
  unit: '{connection}',
  description: 'Connections closed because they read too slowly, by dialect.',
});
/** To what waits for a reader: `parked`, `superseded` by a newer one, or `dropped`; and to itself: `closed`. */
export type SlowReaderAction = 'parked' | 'superseded' | 'dropped' | 'closed';
const slowReaderActions = tallies('parley.slow_readers.actions', {
  unit: '{action}',
  description: 'What was done about slow readers, by dialect and action: parked, superseded, dropped, closed.',
});
export const farewellsUnsaid = counter('parley.farewells.unsaid', {
  unit: '{farewell}',
  description: 'Times that a service was not told of a connection’s end, and has to find out by itself.',
});
export const gapsFound = byStream(
  tallies('parley.gaps.found', {
    unit: '{gap}',
    description: 'Holes found in what came live, and reconnects to the bus, which may be holes; by stream.',
  }),
);
export const gapsRepaired = byStream(
  tallies('parley.gaps.repaired', {
    unit: '{gap}',
    description: 'Of these, those behind which nothing is missing any more, by stream.',
  }),
);
export const eventsRepaired = byStream(
  tallies('parley.events.repaired', {
    unit: '{event}',
    description: 'Events that were missed live and read from the stream, by stream.',
  }),
);
export const eventsLost = byStream(
  tallies('parley.events.lost', {
    unit: '{incident}',
    description: 'Times that missed events could not be read any more and connections had to start afresh, by stream.',
  }),
);
export const eventsUnrouted = counter('parley.events.unrouted', {
  unit: '{event}',
  description: 'Events dropped since nobody could say for half a minute whom they concern, by subject.',
});
export const canaryDelay = histogram('parley.canary.duration', {
  unit: 's',
  description: 'A canary event’s way from this gateway through the bus and back.',
});

/** One dialect's traffic, counted for every frame and every delivery. */
export interface Traffic {
  readonly frameDuration: Timing;
  readonly deliveryDelay: Timing;
  readonly framesReceived: Tally;
  readonly bytesReceived: Tally;
  readonly framesSent: Tally;
  readonly bytesSent: Tally;
  readonly deliveries: Tally;
  readonly bytesDelivered: Tally;
  readonly slowReaders: Tally;
  readonly slow: Readonly<Record<SlowReaderAction, Tally>>;
}

const traffic = new Map<string, Traffic>();

export function trafficOf(dialect: string): Traffic {
  const known = traffic.get(dialect);
  if (known !== undefined) return known;
  const labels = { dialect };
  const action = (name: SlowReaderAction): Tally => slowReaderActions.of({ dialect, action: name });
  const made: Traffic = {
    frameDuration: frameDuration.of(labels),
    deliveryDelay: deliveryDelay.of(labels),
    framesReceived: framesReceived.of(labels),
    bytesReceived: bytesReceived.of(labels),
    framesSent: framesSent.of(labels),
    bytesSent: bytesSent.of(labels),
    deliveries: deliveries.of(labels),
    bytesDelivered: bytesDelivered.of(labels),
    slowReaders: slowReaders.of(labels),
    slow: {
      parked: action('parked'),
      superseded: action('superseded'),
      dropped: action('dropped'),
      closed: action('closed'),
    },
  };
  traffic.set(dialect, made);
  return made;
}

/** Written to so many sockets; `oldestStoredAt`: ms since 1970, 0 for what is not stored. */
export function countDelivery(dialect: string, receivers: number, bytes: number, oldestStoredAt: number): void {
  const { deliveryDelay, deliveries, bytesDelivered } = trafficOf(dialect);
  deliveries.add(receivers);
  bytesDelivered.add(bytes);
  if (oldestStoredAt > 0) deliveryDelay.record(Math.max(0, Date.now() - oldestStoredAt) / 1_000);
}

/**
 * All of a dialect, at zero, from the start on: what first appears as 500 has increased by nothing, says Prometheus, and
 * a gateway that comes into being in the middle of a storm would not be counted.
 */
export function countFromZero(dialect: string): void {
  trafficOf(dialect);
  connectionsOpened.add(0, { dialect });
  connectionsActive.add(0, { dialect });
}

/** Read when metrics are collected: the age of the newest event of each stream when it came here. */
export function observeStreams(read: () => readonly Observation[]): { stop(): void } {
  return observe(
    'parley.jetstream.lag',
    { unit: 's', description: 'How old the last event was when it came here from JetStream, by stream.' },
    read,
  );
}

/** Read when metrics are collected. */
export function observeUnsent(read: () => readonly Observation[]): { stop(): void } {
  return observe(
    'parley.connections.unsent',
    { unit: 'By', description: 'Bytes that wait in connections’ outboxes for slow readers, by dialect.' },
    read,
  );
}

/** Read when metrics are collected. */
export function observeSubscriptions(read: () => number): { stop(): void } {
  return observe(
    'parley.subscriptions.active',
    {
      unit: '{subject}',
      description: 'Subjects that this gateway listens to on the bus, for its connections and itself.',
    },
    read,
  );
}
