import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Simulation, type History, type Summary } from './test/simulation.js';
import { subjects, type SubjectEntry } from './test/subjects.js';

/** More of them for a soak; a seed that has failed is tried again with `PARLEY_OT_SEED`. */
const HISTORIES = Number(process.env['PARLEY_OT_HISTORIES'] ?? 10_000);
const SEED = Number(process.env['PARLEY_OT_SEED'] ?? Date.now() % 0x7fff_ffff);

const histories: fc.Arbitrary<History> = fc.record({
  clients: fc.integer({ min: 2, max: 6 }),
  start: fc.nat(0xffff),
  kept: fc.constantFrom(3, 8, 1_000),
  steps: fc.array(fc.tuple(fc.nat(5), fc.nat(255), fc.nat(0xffff)), { maxLength: 40, size: 'max' }),
});

function simulate(subject: SubjectEntry, history: History): Summary {
  return subject.use((typed) => {
    const simulation = new Simulation(typed, history);
    try {
      return simulation.run();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new Error(`${problem}\n${simulation.trace.join('\n')}`, { cause: error });
    }
  });
}

describe.each(subjects)('$name: clients and server come to the same document', (subject) => {
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
    console.log(`${subject.name}: ${versions} operations in ${HISTORIES} histories, ${rejected} rejected`);
  });
});
