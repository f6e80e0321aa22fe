import { writeFileSync } from 'node:fs';
import { suites } from './dialects.js';
import { parseFlags, usage, UsageError, type Flags } from './flags.js';
import { asJson, asJunit, byRule, failures, lacking, summary, table } from './report.js';
import { runSuite } from './runner.js';
import type { Scenario } from './scenario.js';
import { rulesOf, type Rule } from './spec.js';

/** The exit code: 0 all passed, 1 something failed, 2 wrong flags. */
export async function main(args: readonly string[], say: (text: string) => void): Promise<number> {
  try {
    const flags = parseFlags(args);
    if (flags !== undefined) return await test(flags, say);
    say(usage);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(`${error.message}\n--help shows every flag`);
    return 2;
  }
}

async function test(flags: Flags, say: (text: string) => void): Promise<number> {
  const suite = suites.find((one) => one.dialect === flags.dialect);
  if (suite === undefined) {
    throw new UsageError(`--dialect is one of ${suites.map((one) => one.dialect).join(', ')}, not ${flags.dialect}`);
  }
  const wanted = (id: string): boolean => flags.rules.length === 0 || flags.rules.some((start) => id.startsWith(start));
  const rules: readonly Rule[] = rulesOf(suite.dialect).filter(({ id }) => wanted(id));
  const scenarios: readonly Scenario[] = suite.scenarios.filter((scenario) => scenario.rules.some(wanted));
  const { url } = flags.settings;
  say(`${scenarios.length} scenarios of ${suite.dialect} against ${url}\n`);
  const results = await Promise.all(runSuite(suite, flags.settings, scenarios));
  const lines = byRule(rules, suite, results);
  say(table(lines));
  const failed = failures(results);
  if (failed !== '') say(`\n${failed}`);
  say(`\n${summary(results)}`);
  const more = lacking(results);
  if (more !== '') say(more);
  if (flags.json !== undefined) writeFileSync(flags.json, asJson(suite.dialect, url, lines, results));
  if (flags.junit !== undefined) writeFileSync(flags.junit, asJunit(suite.dialect, results));
  return failed === '' ? 0 : 1;
}
