import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Simulation, type History, type Summary } from './simulation.js';
import { subjects, type SubjectEntry } from './subjects.js';

/** More of them for a soak; a seed that has failed is tried again with `PARLEY_OT_SEED`. */
const HISTORIES = Number(process.env['PARLEY_OT_HISTORIES'] ?? 10_000);
const SEED = Number(process.env['PARLEY_OT_SEED'] ?? Date.now() % 0x7fff_ffff);

const histories: fc.Arbitrary<History> = fc.record({
  clients: fc.integer({ min: 2, max: 6 }),
  start: fc.nat(0xffff),
  kept: fc.constantFrom(3, 8, 1_000),
  steps: fc.noBias(fc.array(fc.tuple(fc.nat(5), fc.nat(255), fc.nat(0xffff)), { maxLength: 30, size: 'max' })),
});

/** A history that fails is gone through once more, to say what happened in it. */
function simulate(subject: SubjectEntry, history: History): Summary {
  return subject.use((typed) => {
    try {
      return new Simulation(typed, history).run();
    } catch (error) {
      const lines = [error instanceof Error ? error.message : String(error)];
      try {
        new Simulation(typed, history, (line) => lines.push(line)).run();
      } catch {
        // It is the same error, which leads the lines.
      }
      throw new Error(lines.join('\n'), { cause: error });
    }
  });
}

/** The tests of one type, in a file of its own so that types are tried side by side. */
export function describeConvergence(name: string): void {
  const subject = subjects.find((entry) => entry.name === name);
  if (subject === undefined) throw new Error(`there is no type ${name}`);
  describe(`${name}: clients and server come to the same document`, () => {
    it(`in ${HISTORIES} histories (seed ${SEED})`, { timeout: 3_600_000 }, () => {
      let versions = 0;
      let rejected = 0;
      fc.assert(
        fc.property(histories, (history) => {
          const summary = simulate(subject, history);
          versions += summary.version - 1;
          rejected += summary.rejected;
        }),
        { numRuns: HISTORIES, seed: SEED },
      );
      // Histories in which nothing happens would prove nothing; nor would a server that refuses.
      expect(versions).toBeGreaterThan(2 * HISTORIES);
      expect(rejected).toBeLessThan(versions / 100);
      console.log(`${name}: ${versions} operations in ${HISTORIES} histories, ${rejected} rejected`);
    });
  });
}
