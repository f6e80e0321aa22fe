import type { Attributes, Meter, Observable, ObservableCallback } from '@opentelemetry/api';
import { currentMeter, onMeter } from './start.js';

export interface InstrumentOptions {
  /** UCUM: `s`, `By`, `1`, or what is counted, as `{message}`. */
  readonly unit: string;
  readonly description: string;
}

export interface HistogramOptions extends InstrumentOptions {
  /** Upper bounds, ascending. The default follows the unit. */
  readonly boundaries?: readonly number[];
}

export interface Counter {
  add(value: number, attributes?: Attributes): void;
}

/** One set of attributes of a counter. */
export interface Tally {
  add(value: number): void;
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

export interface MetricRow extends InstrumentOptions {
  readonly name: string;
  readonly type: 'counter' | 'up-down counter' | 'gauge' | 'histogram';
}

const definitions = new Map<string, MetricRow>();

/** Every metric that the loaded modules have defined, for the generated table. */
export function describeMetrics(): readonly MetricRow[] {
  return [...definitions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
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
  const explicitBucketBoundaries = [...(options.boundaries ?? defaultBoundaries(options.unit))];
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
  definitions.set(name, { name, type: 'gauge', unit, description });
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
  definitions.set(name, { name, type: 'counter', unit, description });
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
  { unit, description }: InstrumentOptions,
  make: (meter: Meter) => I,
): () => I | undefined {
  definitions.set(name, { name, type, unit, description });
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

const secondsBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const bytesBoundaries = [64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
const countBoundaries = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

function defaultBoundaries(unit: string): readonly number[] {
  if (unit === 's') return secondsBoundaries;
  return unit === 'By' ? bytesBoundaries : countBoundaries;
}
