export interface InstrumentOptions {
  /** UCUM: `s`, `By`, `1`, or what is counted, as `{message}`. */
  readonly unit: string;
  readonly description: string;
}

export interface HistogramOptions extends InstrumentOptions {
  /** Upper bounds, ascending. The default follows the unit. */
  readonly boundaries?: readonly number[];
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

/** Notes that there is such a metric. */
export function define(name: string, type: MetricRow['type'], { unit, description }: InstrumentOptions): void {
  definitions.set(name, { name, type, unit, description });
}

const secondsBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const bytesBoundaries = [64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
const countBoundaries = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/** Of the options, or what fits the unit. */
export function boundariesOf({ unit, boundaries }: HistogramOptions): readonly number[] {
  return boundaries ?? defaultBoundaries(unit);
}

function defaultBoundaries(unit: string): readonly number[] {
  if (unit === 's') return secondsBoundaries;
  return unit === 'By' ? bytesBoundaries : countBoundaries;
}
