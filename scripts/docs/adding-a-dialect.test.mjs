// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = join(root, 'libs', 'dialects', 'src', 'testing', 'echo');
const page = readFileSync(join(root, 'docs', 'adding-a-dialect.md'), 'utf8');
const blocks = new Map(
  [...page.matchAll(/^`libs\/dialects\/src\/echo\/([\w.-]+)`\n\n(`{3,})\w+\n([\s\S]*?)\2$/gm)].map(
    ([, name = '', , text = '']) => [name, text],
  ),
);

it('docs/adding-a-dialect.md has every file of the example, as it is', () => {
  const files = readdirSync(folder).filter((name) => !name.endsWith('.test.ts'));
  expect([...blocks.keys()].sort()).toEqual(files.sort());
  for (const name of files) {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(blocks.get(name), name).toBe(name.endsWith('.ts') ? text.replaceAll("'../../", "'../") : text);
  }
});

it('says of all.ts what is there', () => {
  const removed = [...page.matchAll(/^-(export const dialects.*)$/gm)].map(([, line = '']) => line);
  expect(removed).toHaveLength(1);
  expect(readFileSync(join(root, 'libs', 'dialects', 'src', 'all.ts'), 'utf8')).toContain(removed[0]);
});
