import { setTimeout as sleep } from 'node:timers/promises';
import type { Accounts } from '../../accounts.js';
import type { Result } from '../../runner.js';
import type { Scenario, Suite } from '../../scenario.js';
import type { Settings } from '../../settings.js';
import type { MakeFault } from './fault.js';
import { judge } from './judge.js';

/** Scenarios of a rule, those first that need no wait, and transcripts last: they want users without a past. */
export function scenariosOf({ scenarios }: Suite, rule: string): readonly Scenario[] {
  const cost = ({ waitsSeconds = 0, title }: Scenario): number => waitsSeconds + (title.endsWith('.jsonl)') ? 0.5 : 0);
  return scenarios.filter(({ rules }) => rules.includes(rule)).toSorted((one, other) => cost(one) - cost(other));
}

/** Some that need neither waiting nor more than one user. */
export function quickest({ scenarios }: Suite, count: number): readonly Scenario[] {
  return scenarios
    .filter(({ waitsSeconds, users = 1, title }) => waitsSeconds === undefined && users < 2 && !title.includes('limit'))
    .slice(0, count);
}

/** What a server says that has too much to do says nothing about a rule. */
const BUSY = /answered HTTP 5\d\d|"try again later"/;
const TRIES = 6;
const REST_MS = 3_000;

/** The first scenario of the rule that notices; otherwise what the last of them said. */
export async function findOut(
  suite: Suite,
  rule: string,
  make: MakeFault,
  given: { readonly settings: Settings; readonly accounts: Accounts },
): Promise<Result | undefined> {
  let last: Result | undefined;
  for (const scenario of scenariosOf(suite, rule)) {
    for (let tries = 0; tries < TRIES; tries++) {
      last = await judge(suite, scenario, { ...given, fault: make() });
      if (!isBusy(last)) break;
      await sleep(REST_MS);
    }
    if (last?.verdict.kind === 'failed') return last;
  }
  return last;
}

export function isBusy(result: Result | undefined): boolean {
  return result?.verdict.kind === 'failed' && BUSY.test(result.verdict.message);
}
