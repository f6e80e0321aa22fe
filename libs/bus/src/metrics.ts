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
  /** `read`: publications of each stream that are not acknowledged yet. */
  watchPublications(read: () => Iterable<readonly [stream: string, publications: number]>): void;
}

interface MetricOptions {
  readonly unit: string;
  readonly description: string;
}

function instruments() {
  const meter = metrics.getMeter('@parley/bus');
  // Called as those of `@parley/telemetry` are: from such calls the table of metrics is made.
  const histogram = (name: string, options: MetricOptions) =>
    meter.createHistogram(name, { ...options, advice: { explicitBucketBoundaries: SECONDS } });
  const counter = (name: string, options: MetricOptions) => meter.createCounter(name, options);
  const observe = (name: string, options: MetricOptions, read: () => Iterable<readonly [string, number]>): void => {
    meter.createObservableGauge(name, options).addCallback((result) => {
      for (const [stream, value] of read()) result.observe(value, { stream });
    });
  };

  const calls = histogram('parley.bus.call.duration', {
    unit: 's',
    description: 'Requests asked, until the answer or the error.',
  });
  const serves = histogram('parley.bus.serve.duration', {
    unit: 's',
    description: 'Requests answered, from receipt to the answer.',
  });
  const publishes = histogram('parley.bus.publish.duration', {
    unit: 's',
    description: 'Durable publications until acknowledged.',
  });
  const reads = histogram('parley.bus.read.duration', { unit: 's', description: 'Reads of stored events.' });
  const eventsRead = counter('parley.bus.read.events', {
    unit: '{event}',
    description: 'Stored events read, for repair, resume and history.',
  });
  const retries = counter('parley.bus.retries', { unit: '{retry}', description: 'Calls and publications sent again.' });
  const reconnects = counter('parley.bus.reconnects', {
    unit: '{reconnect}',
    description: 'Connections to NATS made anew.',
  });
  const faults = counter('parley.bus.faults', {
    unit: '{fault}',
    description: 'Refused permissions and lagging connections.',
  });
  const malformed = counter('parley.bus.malformed', {
    unit: '{message}',
    description: 'Messages that were not what their subject promises.',
  });
  const roundTrips = histogram('parley.bus.rtt', {
    unit: 's',
    description: 'Round trips to NATS and back, behind everything that waits to be read.',
  });
  return { calls, serves, publishes, reads, eventsRead, retries, reconnects, faults, malformed, roundTrips, observe };
}

export function createMetrics(): BusMetrics {
  const { calls, serves, publishes, reads, eventsRead, retries, reconnects, faults, malformed, roundTrips, observe } =
    instruments();
  // So that they are there, at zero, before anything goes wrong.
  reconnects.add(0);
  for (const what of ['call', 'publish']) retries.add(0, { what });
  for (const code of ['forbidden', 'unavailable']) faults.add(0, { code });
  for (const what of ['event', 'extension', 'lease', 'reply', 'request']) malformed.add(0, { what });

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
    watchPublications: (read) => {
      observe(
        'parley.bus.publish.waiting',
        { unit: '{event}', description: 'Durable publications that JetStream has not acknowledged yet, by stream.' },
        read,
      );
    },
  };
}
