import { metrics } from '@opentelemetry/api';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The bus's instruments. Made when the bus connects: the API hands out idle ones before telemetry has started and
 * does not exchange them later.
 */
export interface BusMetrics {
  /** `outcome`: `ok` or the error's code. */
  called(rpc: string, outcome: string, seconds: number): void;
  served(rpc: string, outcome: string, seconds: number): void;
  published(stream: string, outcome: string, seconds: number): void;
  retried(what: 'call' | 'publish'): void;
  read(stream: string, outcome: string, seconds: number, events: number): void;
  reconnected(): void;
  faulted(code: string): void;
  /** Something arrived that is not what its subject promises. */
  malformed(what: string): void;
  roundTrip(seconds: number): void;
}

export function createMetrics(): BusMetrics {
  const meter = metrics.getMeter('@parley/bus');
  const histogram = (name: string, description: string) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: SECONDS } });
  const counter = (name: string, unit: string, description: string) => meter.createCounter(name, { description, unit });

  const calls = histogram('parley.bus.call.duration', 'Requests asked, until the answer or the error.');
  const serves = histogram('parley.bus.serve.duration', 'Requests answered, from receipt to the answer.');
  const publishes = histogram('parley.bus.publish.duration', 'Durable publications until acknowledged.');
  const reads = histogram('parley.bus.read.duration', 'Reads of stored events.');
  const eventsRead = counter(
    'parley.bus.read.events',
    '{event}',
    'Stored events read, for repair, resume and history.',
  );
  const retries = counter('parley.bus.retries', '{retry}', 'Calls and publications sent again.');
  const reconnects = counter('parley.bus.reconnects', '{reconnect}', 'Connections to NATS made anew.');
  const faults = counter('parley.bus.faults', '{fault}', 'Refused permissions and lagging connections.');
  const malformed = counter('parley.bus.malformed', '{message}', 'Messages that were not what their subject promises.');
  const roundTrips = histogram(
    'parley.bus.rtt',
    'Round trips to NATS and back, behind everything that waits to be read.',
  );

  return {
    called: (rpc, outcome, seconds) => {
      calls.record(seconds, { rpc, outcome });
    },
    served: (rpc, outcome, seconds) => {
      serves.record(seconds, { rpc, outcome });
    },
    published: (stream, outcome, seconds) => {
      publishes.record(seconds, { stream, outcome });
    },
    retried: (what) => {
      retries.add(1, { what });
    },
    read: (stream, outcome, seconds, events) => {
      reads.record(seconds, { stream, outcome });
      eventsRead.add(events, { stream });
    },
    reconnected: () => {
      reconnects.add(1);
    },
    faulted: (code) => {
      faults.add(1, { code });
    },
    malformed: (what) => {
      malformed.add(1, { what });
    },
    roundTrip: (seconds) => {
      roundTrips.record(seconds);
    },
  };
}
