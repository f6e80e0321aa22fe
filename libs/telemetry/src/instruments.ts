import type { Attributes, Meter, Observable, ObservableCallback } from '@opentelemetry/api';
import { boundariesOf, define, type HistogramOptions, type InstrumentOptions, type MetricRow } from './definitions.js';
import { currentMeter, onMeter } from './start.js';

export interface Counter {
  add(value: number, attributes?: Attributes): void;
}

/** One set of attributes of a counter. */
export interface Tally {
  add(value: number): void;
  /** Since the process started. */
  readonly total: number;
}

export interface Tallies {
  /** Made once and kept, where something is counted for every message. */
  of(attributes: Attributes): Tally;
}

export interface Gauge {
  set(value: number, attributes?: Attributes): void;
}

export interface Histogram {
  record(value: number, attributes?: Attributes): void;
}

export interface Observation {
  readonly value: number;
  readonly attributes?: Attributes;
}

/** Counts up only. No `total` in its name: Prometheus gets that suffix by itself. */
export function counter(name: string, options: InstrumentOptions): Counter {
  const bound = lazily(name, 'counter', options, (meter) => meter.createCounter(name, options));
  return { add: (value, attributes) => bound()?.add(value, attributes) };
}

export function upDownCounter(name: string, options: InstrumentOptions): Counter {
  const bound = lazily(name, 'up-down counter', options, (meter) => meter.createUpDownCounter(name, options));
  return { add: (value, attributes) => bound()?.add(value, attributes) };
}

export function gauge(name: string, options: InstrumentOptions): Gauge {
  const bound = lazily(name, 'gauge', options, (meter) => meter.createGauge(name, options));
  return { set: (value, attributes) => bound()?.record(value, attributes) };
}

/** Durations are in seconds, unit `s`. */
export function histogram(name: string, options: HistogramOptions): Histogram {
  const explicitBucketBoundaries = [...boundariesOf(options)];
  const { unit, description } = options;
  const bound = lazily(name, 'histogram', options, (meter) =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries } }),
  );
  return { record: (value, attributes) => bound()?.record(value, attributes) };
}

/** A gauge that is read when metrics are collected, from now or from the start of telemetry until `stop`. */
export function observe(
  name: string,
  options: InstrumentOptions,
  read: () => number | readonly Observation[],
): { stop(): void } {
  const { unit, description } = options;
  define(name, 'gauge', options);
  const callback: ObservableCallback = (result) => {
    const values = read();
    if (typeof values === 'number') result.observe(values);
    else for (const { value, attributes } of values) result.observe(value, attributes);
  };
  let observable: Observable | undefined;
  const leave = onMeter((meter) => {
    observable = meter.createObservableGauge(name, { unit, description });
    observable.addCallback(callback);
  });
  return {
    stop: () => {
      leave();
      observable?.removeCallback(callback);
    },
  };
}

/**
 * A counter for hot paths. Adding to an instrument of the SDK writes the attributes as JSON each time to find what they
 * stand for; here adding is an addition, and the sums are read when metrics are collected.
 */
export function tallies(name: string, options: InstrumentOptions): Tallies {
  const { unit, description } = options;
  define(name, 'counter', options);
  const sums = new Map<string, { readonly attributes: Attributes; value: number }>();
  onMeter((meter) => {
    meter.createObservableCounter(name, { unit, description }).addCallback((result) => {
      for (const { attributes, value } of sums.values()) result.observe(value, attributes);
    });
  });
  return {
    of: (attributes) => {
      const key = JSON.stringify(attributes);
      const sum = sums.get(key) ?? { attributes, value: 0 };
      sums.set(key, sum);
      return {
        add: (value) => {
          sum.value += value;
        },
        get total() {
          return sum.value;
        },
      };
    },
  };
}

/**
 * Metrics are defined when modules load, before telemetry starts, and the API's idle instruments stay idle for ever;
 * hence each is made at its first use.
 */
function lazily<I>(
  name: string,
  type: MetricRow['type'],
  options: InstrumentOptions,
  make: (meter: Meter) => I,
): () => I | undefined {
  define(name, type, options);
  let madeBy: Meter | undefined;
  let instrument: I | undefined;
  return () => {
    const meter = currentMeter();
    if (meter !== madeBy) {
      madeBy = meter;
      instrument = meter === undefined ? undefined : make(meter);
    }
    return instrument;
  };
}
