/** `<name> p50` and `<name> p99` of these, in their unit. */
export function spreadOfTimes(name: string, times: readonly number[]): Readonly<Record<string, number>> {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { [`${name} p50`]: at(0.5), [`${name} p99`]: at(0.99) };
}
