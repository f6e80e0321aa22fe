import type { Values } from '../harness/rig.js';

interface Move {
  readonly at: number;
  reached: number;
}

/** Who made which move when, and when it was with the last of the others. */
export class Moves {
  private readonly all: Move[][];
  private readonly last: number[] = [];
  private reached = 0;

  constructor(private readonly people: number) {
    this.all = Array.from({ length: people }, () => []);
  }

  /** The number of this person's new move. */
  made(person: number): number {
    const moves = this.all[person] ?? [];
    return moves.push({ at: performance.now(), reached: 0 }) - 1;
  }

  arrived(person: number, number: number): void {
    const move = this.all[person]?.[number];
    if (move === undefined) return;
    this.reached += 1;
    move.reached += 1;
    if (move.reached === this.people - 1) this.last.push(performance.now() - move.at);
  }

  /** ms from a move to its last receiver; which part of all moves reached everyone, and which of all deliveries was made. */
  figures(): Values {
    const sorted = Float64Array.from(this.last).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    const made = this.all.reduce((sum, { length }) => sum + length, 0);
    const deliveries = made * (this.people - 1);
    return { p50: at(0.5), p99: at(0.99), everyone: sorted.length / made, delivered: this.reached / deliveries };
  }
}
