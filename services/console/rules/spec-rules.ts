import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

export const DIALECTS = ['chat', 'topics', 'collab', 'watch', 'party'] as const;
export type DialectName = (typeof DIALECTS)[number];

/** A row of a SPEC.md. */
export interface SpecRule {
  readonly id: string;
  readonly text: string;
  /** The heading that it stands under. */
  readonly section: string;
}

export type SpecRules = Readonly<Record<DialectName, readonly SpecRule[]>>;

const MODULE = 'virtual:spec-rules';
const RESOLVED = `\0${MODULE}`;
const ROW = /^\| *([A-Z]{2}\d+) *\| (.*) \|[^|]*\|$/;

/** The rules of every dialect as its SPEC.md has them: a rule that is written there is shown, and no other. */
export function readRules(): SpecRules {
  return {
    chat: rulesOf('chat'),
    topics: rulesOf('topics'),
    collab: rulesOf('collab'),
    watch: rulesOf('watch'),
    party: rulesOf('party'),
  };
}

export function specFile(dialect: DialectName): string {
  return fileURLToPath(new URL(`../../../libs/dialects/src/${dialect}/SPEC.md`, import.meta.url));
}

function rulesOf(dialect: DialectName): SpecRule[] {
  let section = '';
  return readFileSync(specFile(dialect), 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('## ')) section = line.slice(3).replace('†', '').trim();
      const [, id, text] = ROW.exec(line) ?? [];
      return id === undefined || text === undefined
        ? []
        : [{ id, text: text.replaceAll(String.raw`\|`, '|'), section }];
    });
}

/** `import { specRules } from 'virtual:spec-rules'`, read from the files when the page is built. */
export function specRules(): Plugin {
  return {
    name: 'spec-rules',
    resolveId: (id) => (id === MODULE ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) return undefined;
      for (const dialect of DIALECTS) this.addWatchFile(specFile(dialect));
      return `export const specRules = JSON.parse(${JSON.stringify(JSON.stringify(readRules()))});`;
    },
  };
}
