// @ts-check
// `node scripts/charts/generate.mjs` writes what the chart derives from the code: NATS's permissions, the schema of the
// values and the dashboards. A test fails when what is there is stale.
import { mkdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dashboards } from './dashboards/all.mjs';
import { natsUsers } from './nats-users.mjs';
import { valuesSchema } from './values-schema.mjs';

const here = fileURLToPath(import.meta.url);

/** By path below charts/parley. @param {string} root @returns {Promise<Record<string, string>>} */
export async function generatedFiles(root) {
  return {
    'files/nats-users.json': written(await natsUsers(root)),
    'values.schema.json': written(valuesSchema(root)),
    ...Object.fromEntries(
      Object.entries(dashboards).map(([name, dashboard]) => [`dashboards/${name}.json`, written(dashboard)]),
    ),
  };
}

/** @param {unknown} value */
function written(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

if (process.argv[1] === here) {
  const root = dirname(dirname(dirname(here)));
  for (const [name, text] of Object.entries(await generatedFiles(root))) {
    const file = join(root, 'charts', 'parley', name);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote charts/parley/${name}`);
  }
}
