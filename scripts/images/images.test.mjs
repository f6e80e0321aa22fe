// @ts-check
// The images of a small cluster, built from the Dockerfile and run: `node scripts/images/prove.mjs` does the same with all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complain } from '../start/say.mjs';
import { answersProbes, carriesNothingElse, drains, ends, isConfined, logsInAndBroadcasts } from './checks.mjs';
import { openProof } from './place.mjs';
import { installImageTools } from './tools.mjs';

/** What a login and a broadcast need. Others differ in their code alone, and are started by the cluster's own tests. */
const BEHIND = ['auth', 'presence', 'messaging'];
const VERSION = '0.0.0-test';

const missing = process.env['PARLEY_TEST_IMAGES'] === 'off' ? 'PARLEY_TEST_IMAGES is off' : await installImageTools();
if (missing !== undefined) complain(`images are not built and not tried: ${missing}`);

/** @type {Awaited<ReturnType<typeof openProof>>} */
let proof;

beforeAll(async () => {
  if (missing === undefined) proof = await openProof({ services: ['gateway', ...BEHIND], version: VERSION });
}, 900_000);
afterAll(() => proof?.close());

describe.skipIf(missing !== undefined)('an image', () => {
  test.each(['gateway', ...BEHIND])('of %s has nothing but the program and what it needs', (service) => {
    const image = proof.cluster.images.get(service);
    carriesNothingElse(image?.folder ?? '', service);
    expect(image?.config).toMatchObject({
      User: '1000:1000',
      WorkingDir: `/app/services/${service}`,
      Entrypoint: ['node', '--enable-source-maps', 'dist/main.js'],
      Labels: { 'org.opencontainers.image.title': `parley-${service}`, 'org.opencontainers.image.version': VERSION },
    });
    expect(image?.config.Env).toEqual(expect.arrayContaining(['NODE_ENV=production', `PARLEY_VERSION=${VERSION}`]));
  });

  test.each(BEHIND)('of %s brings its schema up to date, as the chart asks it to', async (service) => {
    expect(await proof.cluster.migrate(service)).toContain('service/0001_');
    expect(await proof.cluster.migrate(service)).toContain(`${service}: up to date`);
  });

  test.each([...BEHIND, 'gateway-1', 'gateway-2'])('runs %s without rights or a place to write', async (name) => {
    const running = await proof.cluster.start(name);
    await answersProbes(running, VERSION);
    await isConfined(running);
  });

  test('serves a login and a broadcast across gateways', async () => {
    expect(await logsInAndBroadcasts(proof.cluster)).toContain('logged in');
  });

  test.each(['gateway-2', 'gateway-1'])('lets %s end its connections and go', async (name) => {
    await drains(processOf(name), 50);
  });

  test.each(BEHIND)('lets %s end in its time', async (name) => {
    await ends(processOf(name));
  });
});

/** @param {string} name */
function processOf(name) {
  const running = proof.cluster.running.find((each) => each.name === name);
  if (running === undefined) throw new Error(`${name} was not started`);
  return running;
}
