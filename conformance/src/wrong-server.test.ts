import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Accounts } from './accounts.js';
import { Places } from './places.js';
import { Rest } from './rest.js';
import type { Result } from './runner.js';
import { rulesOf } from './spec.js';
import { startClusterUnderTest, type ClusterUnderTest } from './testing/cluster-under-test.js';
import { wrongDialects, type WrongDialect } from './testing/wrong/all.js';
import { faultless } from './testing/wrong/faults.js';
import { findOut, isBusy, quickest } from './testing/wrong/find-out.js';
import { judge } from './testing/wrong/judge.js';

/** Most of the time they wait: for what does not come, and for users to be registered. */
const AT_ONCE = 8;
/** Long enough for a right answer; what is missing is waited for so long. */
const ANSWER_SECONDS = 5;
/** So that the rules of long silences are tried too: a fault shows them early. */
const LONGEST_WAIT_SECONDS = 95;
const TOKEN_SECONDS = 44;
/** Scenarios of each dialect that have to pass through a proxy that spoils nothing. */
const UNSPOILED = 4;

interface Attempt {
  readonly name: string;
  readonly work: () => Promise<Result | undefined>;
  readonly expected: 'failed' | 'passed';
}

const testable = ({ suite }: WrongDialect): readonly string[] =>
  rulesOf(suite.dialect).flatMap(({ id }) => (suite.untestable.has(id) ? [] : [id]));

describe.each(wrongDialects.map((wrong) => [wrong.suite.dialect, wrong] as const))('%s', (_, wrong) => {
  it('has a fault for each of its rules that a client can see', () => {
    expect(Object.keys(wrong.faults).toSorted()).toEqual(testable(wrong).toSorted());
  });
});

/** Our own gateways stand behind a proxy that breaks one rule at a time; the kit has to say so. */
describe('a server that is wrong is found out', () => {
  let world: ClusterUnderTest;
  let accounts: Accounts;
  const results = new Map<string, Promise<Result | undefined>>();

  const given = ({ suite }: WrongDialect) => ({
    settings: {
      ...world.settingsOf(suite.dialect),
      longestWaitSeconds: LONGEST_WAIT_SECONDS,
      answerSeconds: ANSWER_SECONDS,
    },
    accounts,
  });

  const attempts: readonly Attempt[] = wrongDialects.flatMap((wrong) => [
    ...testable(wrong).map((rule): Attempt => ({
      name: `${wrong.suite.dialect} ${rule}`,
      work: () => findOut(wrong.suite, rule, wrong.faults[rule] ?? faultless, given(wrong)),
      expected: 'failed',
    })),
    ...quickest(wrong.suite, UNSPOILED).map((scenario): Attempt => ({
      name: `${wrong.suite.dialect}, unspoiled: ${scenario.title}`,
      work: () => judge(wrong.suite, scenario, { ...given(wrong), fault: faultless() }),
      expected: 'passed',
    })),
  ]);

  beforeAll(async () => {
    world = await startClusterUnderTest({ dialect: 'topics', tokenSeconds: TOKEN_SECONDS });
    accounts = new Accounts(new Rest(world.settings.rest ?? '', world.settings.apiKey), []);
    // Some at a time; the tests then look at their own.
    const places = new Places(AT_ONCE);
    for (const { name, work } of attempts) results.set(name, places.with(work));
  });

  afterAll(async () => {
    await world.stop();
  });

  it.each(attempts.map((attempt) => [attempt.name, attempt] as const))('%s', async (name, { expected }) => {
    const result = await results.get(name);
    const verdict = result?.verdict;
    expect(isBusy(result), verdict?.kind === 'failed' ? verdict.message : '').toBe(false);
    expect(verdict?.kind, `${result?.scenario.title ?? ''} ${JSON.stringify(verdict)}`).toBe(expected);
  });
});
