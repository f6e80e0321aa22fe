export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  const median = sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
  return { min: sorted[0] ?? NaN, median, max: sorted.at(-1) ?? NaN };
}

/** `min / median / max`. */
export function show({ min, median, max }: Spread, digits = 2): string {
  return [min, median, max].map((value) => short(value, digits)).join(' / ');
}

export function short(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(0)}k`;
  return value.toFixed(digits);
}

/** By name, one figure per repetition; ratios are taken within a repetition, since the machine changes between them. */
export class Samples {
  private readonly rows = new Map<string, number[]>();

  add(name: string, value: number): void {
    const row = this.rows.get(name);
    if (row === undefined) this.rows.set(name, [value]);
    else row.push(value);
  }

  names(): readonly string[] {
    return [...this.rows.keys()];
  }

  spread(name: string): Spread {
    return spreadOf(this.rows.get(name) ?? []);
  }

  ratio(name: string, baseline: string): Spread {
    const base = this.rows.get(baseline) ?? [];
    return spreadOf((this.rows.get(name) ?? []).map((value, index) => value / (base[index] ?? NaN)));
  }
}
