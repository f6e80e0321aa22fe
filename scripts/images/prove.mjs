// @ts-check
// Builds every image on this machine, without a registry of images, runs a cluster of them, and tries what they promise:
//   node scripts/images/prove.mjs [--node 24] [--keep FOLDER] [--services gateway,auth,presence,messaging]
import { parseArgs } from 'node:util';
import { complain, inOneLine, say } from '../start/say.mjs';
import { SERVICES, imageOf } from './build.mjs';
import { answersProbes, carriesNothingElse, drains, ends, isConfined, logsInAndBroadcasts } from './checks.mjs';
import { openProof } from './place.mjs';
import { appSize, packedSize } from './sizes.mjs';
import { abandonCalls, installImageTools } from './tools.mjs';

const VERSION = '0.0.0-proof';
const SOCKETS = 200;

const { values: flags } = parseArgs({
  options: {
    services: { type: 'string', default: SERVICES.join(',') },
    node: { type: 'string' },
    keep: { type: 'string' },
  },
});

const missing = await installImageTools();
if (missing !== undefined) {
  complain(`images cannot be built here: ${missing}`);
  process.exit(1);
}

const services = flags.services.split(',');
/** @type {Awaited<ReturnType<typeof openProof>> | undefined} */
let proof;
let told = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  // What is under way fails, and then everything is cleaned up as after any failure. The second time, nothing is waited for.
  process.on(signal, () => {
    if (told) process.exit(1);
    told = true;
    abandonCalls();
    for (const { container } of proof?.cluster.running ?? []) void container.kill();
  });
}

try {
  proof = await openProof({ services, version: VERSION, nodeVersion: flags.node, keep: flags.keep });
  await prove(proof);
  say('Proved');
} catch (error) {
  complain(error instanceof Error ? (error.stack ?? error.message) : inOneLine(error));
  process.exitCode = 1;
} finally {
  await proof?.close();
}

/** @param {Awaited<ReturnType<typeof openProof>>} proof */
async function prove({ storage, cluster, built }) {
  say('\nimage          built in   size    of it /app   packed');
  for (const service of services) {
    const { folder } = imageFiles(cluster, service);
    carriesNothingElse(folder, service);
    const size = await storage.size(imageOf(service));
    say(
      row(
        service,
        `${built.get(service)?.toFixed(0)} s`,
        mb(size),
        mb(await appSize(folder)),
        mb(await packedSize(folder)),
      ),
    );
  }

  const behind = services.filter((service) => service !== 'gateway');
  for (const service of behind) say(await cluster.migrate(service));
  say('\nprocess        ready after     of CPU   resident');
  for (const name of [...behind, 'gateway-1', 'gateway-2']) {
    const running = await cluster.start(name);
    const { residentMiB, cpuSeconds } = await isConfined(running);
    await answersProbes(running, VERSION);
    say(
      row(name, `${running.coldStartMs.toFixed(0)} ms`, `${cpuSeconds.toFixed(1)} s`, `${residentMiB.toFixed(0)} MiB`),
    );
  }

  say(`\n${await logsInAndBroadcasts(cluster)}`);
  for (const running of [...cluster.running].reverse()) {
    if (running.service !== 'gateway') {
      say(`${running.name}: ended ${(await ends(running)).toFixed(0)} ms after SIGTERM, exit code 0`);
      continue;
    }
    const { ms, spreadMs } = await drains(running, SOCKETS);
    say(
      `${running.name}: ${SOCKETS} sockets closed with 1001 over ${spreadMs.toFixed(0)} ms, ended ${ms.toFixed(0)} ms after SIGTERM, exit code 0`,
    );
  }
}

/** @param {import('./cluster.mjs').ImageCluster} cluster @param {string} service */
function imageFiles(cluster, service) {
  const image = cluster.images.get(service);
  if (image === undefined) throw new Error(`no image of ${service}`);
  return image;
}

/** @param {string} first @param {readonly string[]} rest */
function row(first, ...rest) {
  return first.padEnd(12) + rest.map((text) => text.padStart(11)).join('');
}

/** @param {number} bytes */
function mb(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
