import { expect, it } from 'vitest';
import { asJunit, byRule, failures, summary, table } from './report.js';
import type { Result, Verdict } from './runner.js';
import type { Suite } from './scenario.js';
import { gaps } from './spec.js';

const suite: Suite = {
  dialect: 'topics',
  scenarios: [],
  untestable: new Map([['A4', 'no way in']]),
  background: () => false,
};
const rules = ['A1', 'A2', 'A3', 'A4'].map((id) => ({ id, text: `the rule ${id}` }));

function result(ids: readonly string[], verdict: Verdict): Result {
  return { scenario: { rules: ids, title: `shows ${ids.join()}`, run: async () => undefined }, verdict, ms: 5 };
}

const results = [
  result(['A1', 'A2'], { kind: 'passed' }),
  result(['A2'], { kind: 'failed', message: 'expected <this> & "that"\u0001', frame: undefined }),
  result(['A3'], { kind: 'skipped', why: 'needs --rest' }),
];

it('a rule passes when a scenario has, and fails when one has', () => {
  const lines = byRule(rules, suite, results);
  expect(lines.map(({ state, why }) => [state, why])).toEqual([
    ['pass', undefined],
    ['fail', undefined],
    ['skip', 'needs --rest'],
    ['not testable', 'no way in'],
  ]);
  expect(table(lines).split('\n')).toHaveLength(6);
  expect(failures(results)).toContain('✗ A2: shows A2');
  expect(summary(results)).toBe('1 scenarios passed, 1 failed, 1 skipped');
});

it('JUnit is well-formed whatever a server sent', () => {
  const xml = asJunit('topics', results);
  expect(xml).toContain('<testsuite name="topics" tests="3" failures="1" skipped="1">');
  expect(xml).toContain('expected &lt;this&gt; &amp; &quot;that&quot;?');
});

it('rules without proof, proofs without rule and needless excuses are found', () => {
  const scenarios = results.map(({ scenario }) => scenario);
  const odd = { ...suite, scenarios, untestable: new Map([['A1', 'why']]) };
  expect(gaps(odd, [...rules.slice(0, 2), { id: 'A5', text: '' }])).toEqual({
    unproved: ['A5'],
    unknown: ['A3'],
    provedAfterAll: ['A1'],
  });
});
