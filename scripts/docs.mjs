// @ts-check
// `npm run docs` writes docs/generated/ from the built code; `npm run docs -- --check` fails when what is there is stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorsPage } from './docs/errors-page.mjs';
import { metricsPage } from './docs/metrics-page.mjs';
import { optionsPage } from './docs/options-page.mjs';
import { subjectsPage } from './docs/subjects-page.mjs';
import { build } from './start/build.mjs';
import { installDependencies } from './start/dependencies.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs', 'generated');
const check = process.argv.includes('--check');

const pages = { OPTIONS: optionsPage, SUBJECTS: subjectsPage, ERRORS: errorsPage, METRICS: metricsPage };

await installDependencies(root);
await build(root);
let stale = 0;
for (const [name, make] of Object.entries(pages)) {
  const file = join(folder, `${name}.md`);
  const text = await make(root);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale += 1;
  if (check) {
    console.error(`docs/generated/${name}.md is not what the code says; run npm run docs`);
  } else {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote docs/generated/${name}.md`);
  }
}
process.exitCode = check && stale > 0 ? 1 : 0;
