// @ts-check
// `npm run docs` writes docs/generated/ and each dialect's examples from the built code and the golden transcripts;
// `npm run docs -- --check` fails when what is there is stale.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncapiFiles } from './docs/asyncapi-files.mjs';
import { errorsPage } from './docs/errors-page.mjs';
import { exampleFiles } from './docs/examples.mjs';
import { limitsPage } from './docs/limits-page.mjs';
import { metricsPage } from './docs/metrics-page.mjs';
import { optionsPage } from './docs/options-page.mjs';
import { subjectsPage } from './docs/subjects-page.mjs';
import { build } from './start/build.mjs';
import { installDependencies } from './start/dependencies.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const check = process.argv.includes('--check');

const pages = {
  OPTIONS: optionsPage,
  SUBJECTS: subjectsPage,
  ERRORS: errorsPage,
  METRICS: metricsPage,
  LIMITS: limitsPage,
};

await installDependencies(root);
await build(root);
let stale = keep(await exampleFiles(root));
// They are code that the rest is made from, and this process has loaded it as it was.
if (stale > 0 && !check) process.exit(spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit' }).status);
stale += keep(await asyncapiFiles(root));
for (const [name, make] of Object.entries(pages)) {
  stale += keep(new Map([[join('docs', 'generated', `${name}.md`), await make(root)]]));
}
process.exitCode = check && stale > 0 ? 1 : 0;

/** How many were not what the code says; they are written, or told. @param {Map<string, string>} files */
function keep(files) {
  let differing = 0;
  for (const [path, text] of files) {
    const file = join(root, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    differing += 1;
    if (check) {
      console.error(`${path} is not what the code says; run npm run docs`);
    } else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      console.log(`wrote ${path}`);
    }
  }
  return differing;
}
