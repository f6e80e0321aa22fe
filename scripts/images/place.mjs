// @ts-check
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBases } from './base.mjs';
import { buildImage } from './build.mjs';
import { ImageCluster } from './cluster.mjs';
import { trialSecrets } from './compose.mjs';
import { Storage } from './storage.mjs';
import { root } from './tools.mjs';

const FOLDER = 'parley-images-';

/**
 * Builds images and gives them a NATS and a Postgres to run with. All of it is gone after `close`, but for what is in `keep`.
 * @param {{services: readonly string[], version: string, nodeVersion?: string | undefined, keep?: string | undefined}} wanted
 *   `keep`: a folder for layers, so that the next build needs only what has changed
 */
export async function openProof({ services, version, nodeVersion, keep }) {
  await sweep();
  const work = mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`));
  /** @type {(() => unknown)[]} */
  const closers = [() => rmSync(work, { recursive: true, force: true })];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const testing = await import('@parley/testing');
    const storage = new Storage(keep ?? join(work, 'storage'));
    closers.push(() => storage.close(keep === undefined));
    await makeBases(storage, work, nodeVersion);
    /** Seconds by service. @type {Map<string, number>} */
    const built = new Map();
    for (const service of services) built.set(service, await buildImage(storage, service, { version }));

    const nats = await testing.startNats({ config: natsConfig() });
    closers.push(() => nats.stop());
    const database = await testing.startPostgres();
    closers.push(() => database.stop());
    const cluster = new ImageCluster(storage, work, {
      natsUrl: nats.url,
      databaseUrl: database.url,
      freePort: testing.freePort,
    });
    closers.push(() => cluster.close());
    await cluster.open(services);
    return { storage, cluster, built, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** compose.yaml's, but for addresses and the folder of its store, which our server is told otherwise. */
function natsConfig() {
  const text = readFileSync(join(root, 'docker', 'nats.conf'), 'utf8');
  return text
    .replace(/^(listen|http):.*$/gm, '')
    .replace(/^ *store_dir:.*$/m, '')
    .replace('$NATS_PASSWORD', trialSecrets['NATS_PASSWORD'] ?? '');
}

/** What one that was killed has left: mounts, and a gigabyte of layers. */
async function sweep() {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^parley-images-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const folder = join(tmpdir(), name);
    const storage = join(folder, 'storage');
    if (existsSync(storage)) await new Storage(storage).close(true).catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
}
