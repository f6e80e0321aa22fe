import { existsSync, readFileSync } from 'node:fs';
import type { Suite } from './scenario.js';

export interface Rule {
  readonly id: string;
  readonly text: string;
}

const ROW = /^\|\s*([A-Z]{2}\d+)\s*\|\s*(.*?)\s*\|\s*[^|]*\|$/;

/** The numbered rules of a dialect, as its SPEC.md has them. */
export function rulesOf(dialect: string): readonly Rule[] {
  // In a package of its own the rules lie beside the code, in the repository where they are written.
  const packed = new URL(`../specs/${dialect}.md`, import.meta.url);
  const written = new URL(`../../libs/dialects/src/${dialect}/SPEC.md`, import.meta.url);
  return readFileSync(existsSync(packed) ? packed : written, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, id, text] = ROW.exec(line) ?? [];
      return id === undefined || text === undefined ? [] : [{ id, text }];
    });
}

/** Rules that nothing proves and nobody explains, and the other way round; all empty when the suite is complete. */
export function gaps(suite: Suite, rules: readonly Rule[]) {
  const known = new Set(rules.map((rule) => rule.id));
  const proved = new Set(suite.scenarios.flatMap((scenario) => scenario.rules));
  return {
    unproved: [...known].filter((id) => !proved.has(id) && !suite.untestable.has(id)),
    unknown: [...new Set([...proved, ...suite.untestable.keys()])].filter((id) => !known.has(id)),
    provedAfterAll: [...suite.untestable.keys()].filter((id) => proved.has(id)),
  };
}
