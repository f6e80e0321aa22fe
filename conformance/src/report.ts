import type { Result, Verdict } from './runner.js';
import type { Suite } from './scenario.js';
import type { Rule } from './spec.js';

export type RuleState = 'pass' | 'fail' | 'skip' | 'not testable';

export interface RuleLine {
  readonly rule: Rule;
  readonly state: RuleState;
  readonly results: readonly Result[];
  /** Why it is not testable, or why nothing that proves it ran. */
  readonly why: string | undefined;
}

/** A rule holds when something that proves it has passed and nothing has failed. */
export function byRule(rules: readonly Rule[], suite: Suite, results: readonly Result[]): readonly RuleLine[] {
  return rules.map((rule) => {
    const mine = results.filter((result) => result.scenario.rules.includes(rule.id));
    const state = stateOf(mine.map((result) => result.verdict));
    const skipped = mine.map(({ verdict }) => verdict).find((verdict) => verdict.kind === 'skipped');
    if (mine.length > 0) return { rule, state, results: mine, why: state === 'skip' ? skipped?.why : undefined };
    const reason = suite.untestable.get(rule.id);
    return { rule, state: reason === undefined ? 'skip' : 'not testable', results: [], why: reason ?? 'no scenario' };
  });
}

function stateOf(verdicts: readonly Verdict[]): RuleState {
  if (verdicts.some((verdict) => verdict.kind === 'failed')) return 'fail';
  return verdicts.some((verdict) => verdict.kind === 'passed') ? 'pass' : 'skip';
}

const MARKS: Readonly<Record<RuleState, string>> = {
  pass: '✓ pass',
  fail: '✗ FAIL',
  skip: '- skip',
  'not testable': '· n/a',
};
const TEXT_WIDTH = 90;

export function table(lines: readonly RuleLine[]): string {
  return lines
    .map(({ rule, state, results, why }) => {
      const passed = results.filter(({ verdict }) => verdict.kind === 'passed').length;
      const count = results.length === 0 ? '' : `${passed}/${results.length}`;
      const head = `${rule.id.padEnd(5)} ${MARKS[state].padEnd(7)} ${count.padStart(5)}  ${clip(rule.text, TEXT_WIDTH)}`;
      return why === undefined ? head : `${head}\n${' '.repeat(21)}${why}`;
    })
    .join('\n');
}

export function failures(results: readonly Result[]): string {
  return results
    .flatMap(({ scenario, verdict }) =>
      verdict.kind === 'failed'
        ? [`✗ ${scenario.rules.join(', ')}: ${scenario.title}\n${indent(verdict.message)}`]
        : [],
    )
    .join('\n\n');
}

export function summary(results: readonly Result[]): string {
  const count = (kind: Verdict['kind']): number => results.filter(({ verdict }) => verdict.kind === kind).length;
  return `${count('passed')} scenarios passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/** Why scenarios were skipped, the commonest reason first; '' when none was. */
export function lacking(results: readonly Result[]): string {
  const reasons = new Map<string, number>();
  for (const { verdict } of results) {
    if (verdict.kind === 'skipped') reasons.set(verdict.why, (reasons.get(verdict.why) ?? 0) + 1);
  }
  return [...reasons]
    .toSorted(([, one], [, other]) => other - one)
    .map(([why, count]) => `  ${String(count).padStart(3)} skipped: ${why}`)
    .join('\n');
}

export function asJson(dialect: string, url: string, lines: readonly RuleLine[], results: readonly Result[]): string {
  const report = {
    dialect,
    url,
    rules: lines.map(({ rule, state, why }) => ({ id: rule.id, text: rule.text, state, why })),
    scenarios: results.map(({ scenario, verdict, ms }) => ({
      rules: scenario.rules,
      title: scenario.title,
      ms: Math.round(ms),
      ...verdict,
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** As CI systems read it: a test case for each scenario. */
export function asJunit(dialect: string, results: readonly Result[]): string {
  const cases = results.map(({ scenario, verdict, ms }) => {
    const name = escape(`${scenario.rules.join(', ')}: ${scenario.title}`);
    const head = `<testcase classname="conformance.${dialect}" name="${name}" time="${(ms / 1_000).toFixed(3)}"`;
    switch (verdict.kind) {
      case 'passed':
        return `  ${head}/>`;
      case 'skipped':
        return `  ${head}><skipped message="${escape(verdict.why)}"/></testcase>`;
      case 'failed':
        return `  ${head}><failure message="${escape(clip(verdict.message, 200))}">${escape(verdict.message)}</failure></testcase>`;
    }
  });
  const count = (kind: Verdict['kind']): number => results.filter(({ verdict }) => verdict.kind === kind).length;
  const head = `tests="${results.length}" failures="${count('failed')}" skipped="${count('skipped')}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="${dialect}" ${head}>\n${cases.join('\n')}\n</testsuite>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters are no XML at all, however written. */
function escape(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
    .replace(/\p{Cc}/gu, (character) => (character === '\n' || character === '\t' ? character : '?'));
}

function clip(text: string, width: number): string {
  const [line = ''] = text.split('\n');
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
