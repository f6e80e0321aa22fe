/** What one receiver has got, and whether it came once and in order. Nothing of k6 is needed here. */
export class Ledger {
  private readonly ids = new Map<string, number>();
  private last = -Infinity;
  repeated = 0;
  disorder = 0;

  /** `place` grows with every message of the source. */
  add(id: string, place: number): void {
    const times = this.ids.get(id) ?? 0;
    this.ids.set(id, times + 1);
    if (times > 0) this.repeated += 1;
    if (place <= this.last) this.disorder += 1;
    this.last = Math.max(this.last, place);
  }

  get size(): number {
    return this.ids.size;
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  /** Of what was acknowledged. */
  missing(acknowledged: readonly string[]): readonly string[] {
    return acknowledged.filter((id) => !this.ids.has(id));
  }
}
