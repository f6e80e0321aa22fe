import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText } from './canonical.js';
import type { OperationalType } from './document-type.js';
import { Dice } from './test/dice.js';
import { subjects, type Subject } from './test/subjects.js';

const RUNS = Number(process.env['PARLEY_OT_LAW_RUNS'] ?? 3_000);
const seed = fc.nat(0x7fff_ffff);

function must<T>(outcome: { ok: true; value: T } | { ok: false; error: { message: string } }): T {
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
}

/** Nothing may change its arguments. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

class Bench<C, O> {
  readonly type: OperationalType<C, O>;

  constructor(private readonly subject: Subject<C, O>) {
    this.type = subject.type;
  }

  start(dice: Dice): C {
    return frozen(must(this.type.parseContent(this.subject.start(dice))));
  }

  edit(content: C, dice: Dice): O {
    return frozen(must(this.type.parseOperation(this.subject.edit(this.type.contentToJson(content), dice))));
  }

  apply(content: C, operation: O): C {
    return frozen(must(this.type.apply(content, operation)));
  }

  show(content: C): string {
    return canonicalText(this.type.contentToJson(content));
  }
}

for (const { name, use } of subjects) {
  describe(`${name}: what every type promises`, () => {
    use((subject) => {
      const bench = new Bench(subject);
      const { type } = bench;
      const holds = (law: (dice: Dice) => void): void => {
        fc.assert(
          fc.property(seed, (chosen) => law(new Dice(chosen))),
          { numRuns: RUNS },
        );
      };

      it('converges: whichever of two operations comes first, the content is the same', () => {
        holds((dice) => {
          const before = bench.start(dice);
          const a = bench.edit(before, dice);
          const b = bench.edit(before, dice);
          const ab = bench.apply(bench.apply(before, a), frozen(type.transform(b, a, 'right')));
          const ba = bench.apply(bench.apply(before, b), frozen(type.transform(a, b, 'left')));
          expect(bench.show(ab)).toBe(bench.show(ba));
        });
      });

      it('composes: one operation does what two do', () => {
        holds((dice) => {
          const before = bench.start(dice);
          const first = bench.edit(before, dice);
          const between = bench.apply(before, first);
          const second = bench.edit(between, dice);
          const both = frozen(type.compose(first, second));
          expect(bench.show(bench.apply(before, both))).toBe(bench.show(bench.apply(between, second)));
        });
      });

      it('inverts: an operation and its inverse leave the content as it was', () => {
        holds((dice) => {
          const before = bench.start(dice);
          const operation = bench.edit(before, dice);
          const inverse = frozen(type.invert(operation, before));
          expect(bench.show(bench.apply(bench.apply(before, operation), inverse))).toBe(bench.show(before));
        });
      });

      it('differs: the difference of two contents leads from one to the other', () => {
        holds((dice) => {
          const before = bench.start(dice);
          let after = dice.chance(8) ? bench.start(dice) : before;
          for (let edits = dice.below(3); edits > 0; edits -= 1) after = bench.apply(after, bench.edit(after, dice));
          const difference = frozen(type.difference(before, after));
          expect(bench.show(bench.apply(before, difference))).toBe(bench.show(after));
        });
      });

      it('reads again what it writes, and knows its size', () => {
        holds((dice) => {
          let content = bench.start(dice);
          for (let edits = dice.below(4); edits > 0; edits -= 1) {
            const operation = bench.edit(content, dice);
            const again: unknown = JSON.parse(JSON.stringify(type.operationToJson(operation)));
            expect(type.operationToJson(must(type.parseOperation(again)))).toEqual(type.operationToJson(operation));
            content = bench.apply(content, operation);
          }
          const json = JSON.stringify(type.contentToJson(content));
          expect(bench.show(must(type.parseContent(JSON.parse(json))))).toBe(bench.show(content));
          const bytes = Buffer.byteLength(json);
          expect(type.size(content)).toBeGreaterThanOrEqual(bytes);
          expect(type.size(content)).toBeLessThanOrEqual(bytes * 2 + 64);
        });
      });

      it('never throws at what it is given to read or to apply', () => {
        const hostile = fc.oneof(
          fc.jsonValue(),
          fc.array(fc.oneof(fc.jsonValue(), fc.integer(), fc.constant({ d: 1 }))),
        );
        fc.assert(
          fc.property(hostile, seed, (json, chosen) => {
            type.parseContent(json);
            const operation = type.parseOperation(json);
            if (operation.ok) type.apply(bench.start(new Dice(chosen)), operation.value);
          }),
          { numRuns: RUNS },
        );
      });
    });
  });
}
