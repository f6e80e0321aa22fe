// @ts-check
import { startCluster } from '@parley/testing';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTutorial } from './tutorial.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const pages = join(root, 'docs/tutorials');

/** @type {import('@parley/testing').Cluster} */
let cluster;
/** In the clone, where its programs find the packages. */
let folder = '';

beforeAll(async () => {
  await mkdir(join(root, '.parley'), { recursive: true });
  folder = mkdtempSync(join(root, '.parley/tutorials-'));
  cluster = await startCluster({ gateways: 2 });
});

afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The addresses that `npm start -- --gateways 2` would have. @param {string} text */
function adapt(text) {
  let here = text.replaceAll('$(cat .parley/api-key)', cluster.apiKey);
  for (const [index, { ports }] of cluster.gateways.entries()) {
    for (const [role, port] of [8080, 8081, 8000].entries()) {
      here = here.replaceAll(`localhost:${port + 10 * index}`, `127.0.0.1:${ports[role]}`);
    }
  }
  return here;
}

describe('each tutorial prints what it says', () => {
  test.each(readdirSync(pages))('%s', async (page) => {
    await runTutorial(join(pages, page), { folder: join(folder, page), adapt });
  });
});

test('there is one for each dialect', () => {
  expect(readdirSync(pages)).toEqual(['chat.md', 'collab.md', 'party.md', 'topics.md', 'watch.md']);
});
