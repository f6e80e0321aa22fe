import type { Environment, OptionDefinitions } from './load.js';

/** One line for each variable with the prefix `PARLEY_` that no given option reads: most likely a misspelling. */
export function unknownVariables(env: Environment, ...sets: readonly OptionDefinitions[]): readonly string[] {
  const known = sets.flatMap((set) => Object.values(set).map((option) => option.env));
  return Object.keys(env)
    .filter((name) => name.startsWith('PARLEY_') && !known.includes(name))
    .sort()
    .map((name) => `${name} is no option of this process${suggestion(name, known)}`);
}

function suggestion(name: string, known: readonly string[]): string {
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(name, candidate);
    if (distance <= 3 && distance < (best?.distance ?? Infinity)) best = { name: candidate, distance };
  }
  return best === undefined ? '' : `; did you mean ${best.name}?`;
}

/** Insertions, deletions and substitutions from `a` to `b`, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? Infinity;
}
