import { ValueType, type Attributes, type HrTime } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type HistogramMetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { boundariesOf, define, type HistogramOptions } from './definitions.js';

/** One set of attributes of a histogram. */
export interface Timing {
  record(value: number): void;
}

export interface Timings {
  /** Made once and kept, where something is measured for every message. */
  of(attributes: Attributes): Timing;
}

/** Counts per bucket, which is all that there is to it. */
class Buckets implements Timing {
  private readonly counts: number[];
  private count = 0;
  private sum = 0;

  constructor(
    private readonly attributes: Attributes,
    private readonly boundaries: readonly number[],
  ) {
    this.counts = new Array<number>(boundaries.length + 1).fill(0);
  }

  record(value: number): void {
    let index = 0;
    // Nearly everything falls into the first few.
    while (index < this.boundaries.length && value > (this.boundaries[index] ?? 0)) index += 1;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.count += 1;
    this.sum += value;
  }

  point(startTime: HrTime, endTime: HrTime): HistogramMetricData['dataPoints'][number] {
    const buckets = { boundaries: [...this.boundaries], counts: [...this.counts] };
    const value = { buckets, count: this.count, sum: this.sum };
    return { startTime, endTime, attributes: this.attributes, value };
  }
}

interface Family {
  readonly name: string;
  readonly options: HistogramOptions;
  readonly series: Map<string, Buckets>;
}

const families: Family[] = [];

/** A histogram for hot paths; as `tallies` is to `counter`. */
export function timings(name: string, options: HistogramOptions): Timings {
  define(name, 'histogram', options);
  const boundaries = boundariesOf(options);
  const series = new Map<string, Buckets>();
  families.push({ name, options, series });
  return {
    of: (attributes) => {
      const key = JSON.stringify(attributes);
      const known = series.get(key);
      if (known !== undefined) return known;
      const made = new Buckets(attributes, boundaries);
      series.set(key, made);
      return made;
    },
  };
}

/** Hands the histograms of `timings` to whoever collects. */
export class TimingsProducer implements MetricProducer {
  private readonly startTime = now();

  constructor(private readonly resource: CollectionResult['resourceMetrics']['resource']) {}

  collect(): Promise<CollectionResult> {
    const endTime = now();
    const metrics = families.flatMap(({ name, options: { unit, description }, series }): HistogramMetricData[] => {
      if (series.size === 0) return [];
      const descriptor = { name, unit, description, valueType: ValueType.DOUBLE, advice: {} };
      return [
        {
          descriptor,
          aggregationTemporality: AggregationTemporality.CUMULATIVE,
          dataPointType: DataPointType.HISTOGRAM,
          dataPoints: [...series.values()].map((one) => one.point(this.startTime, endTime)),
        },
      ];
    });
    const scopeMetrics = [{ scope: { name: 'parley' }, metrics }];
    return Promise.resolve({ resourceMetrics: { resource: this.resource, scopeMetrics }, errors: [] });
  }
}

function now(): HrTime {
  const ms = Date.now();
  return [Math.floor(ms / 1_000), (ms % 1_000) * 1e6];
}
