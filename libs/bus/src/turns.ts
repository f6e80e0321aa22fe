import { withDeadline } from './sleep.js';

/** At most `atOnce` at a time, the others in a line of bounded length. */
export class Turns {
  private readonly line: (() => void)[] = [];
  private taken = 0;

  constructor(
    private readonly atOnce: number,
    private readonly longest: number,
  ) {}

  async take(deadlineMs: number): Promise<'taken' | 'late' | 'full'> {
    if (this.taken < this.atOnce) {
      this.taken++;
      return 'taken';
    }
    if (this.line.length >= this.longest) return 'full';
    let mine: () => void = () => undefined;
    const called = new Promise<'taken'>((resolve) => {
      mine = () => {
        resolve('taken');
      };
      this.line.push(mine);
    });
    const result = await withDeadline(called, deadlineMs, 'late' as const);
    if (result === 'taken') return 'taken';
    const place = this.line.indexOf(mine);
    // Called in the very moment in which the deadline passed: it is ours after all.
    if (place < 0) return 'taken';
    this.line.splice(place, 1);
    return 'late';
  }

  giveBack(): void {
    const next = this.line.shift();
    if (next === undefined) this.taken--;
    else next();
  }
}
