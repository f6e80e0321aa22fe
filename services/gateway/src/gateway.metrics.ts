import { counter, histogram, observe, upDownCounter } from '@parley/telemetry';

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
export const handshakesRefused = counter('parley.handshakes.refused', {
  unit: '{handshake}',
  description: 'Upgrades refused before a socket was opened, by reason.',
});
export const framesReceived = counter('parley.frames.received', {
  unit: '{frame}',
  description: 'Frames from clients, by dialect.',
});
export const bytesReceived = counter('parley.bytes.received', {
  unit: 'By',
  description: 'Payload bytes from clients, by dialect.',
});
export const deliveries = counter('parley.deliveries', {
  unit: '{delivery}',
  description: 'Events written to sockets, one per event and receiver, by dialect.',
});
export const bytesDelivered = counter('parley.bytes.delivered', {
  unit: 'By',
  description: 'Bytes of events written to sockets, by dialect.',
});
export const deliveryDelay = histogram('parley.delivery.duration', {
  unit: 's',
  description: 'From an event being stored to its being written to sockets, by dialect.',
});
export const slowReaders = counter('parley.slow_readers', {
  unit: '{connection}',
  description: 'Connections closed because they read too slowly, by dialect.',
});
export const farewellsUnsaid = counter('parley.farewells.unsaid', {
  unit: '{farewell}',
  description: 'Times that a service was not told of a connection’s end, and has to find out by itself.',
});
export const eventsRepaired = counter('parley.events.repaired', {
  unit: '{event}',
  description: 'Events that were missed live and read from the stream, by stream.',
});
export const eventsLost = counter('parley.events.lost', {
  unit: '{incident}',
  description: 'Times that missed events could not be read any more and connections had to start afresh, by stream.',
});
export const eventsUnrouted = counter('parley.events.unrouted', {
  unit: '{event}',
  description: 'Events dropped since nobody could say for half a minute whom they concern, by subject.',
});
export const canaryDelay = histogram('parley.canary.duration', {
  unit: 's',
  description: 'A canary event’s way from this gateway through the bus and back.',
});

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
