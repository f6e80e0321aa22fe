// @ts-check
import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { step } from '../start/say.mjs';
import { call } from './tools.mjs';

/** @typedef {import('./storage.mjs').Storage} Storage */

const RELEASE = 'bookworm';

/** What the default arguments of the Dockerfile stand for, where no registry of images can be reached. */
export const BASE_IMAGE = 'localhost/debian:local';
export const NODE_IMAGE = 'localhost/node:local';

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const kept = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'parley');

/**
 * Makes both images from Debian's packages, and from Node's package on npm or the node that runs this.
 * @param {Storage} storage
 * @param {string} work a folder for what is needed meanwhile
 * @param {string | undefined} nodeVersion such as `24`; this very node when left out
 */
export async function makeBases(storage, work, nodeVersion) {
  const archive = await step('Making a Debian to start from (debootstrap)', () => debian(work));
  if (!(await storage.has(BASE_IMAGE))) {
    const container = await storage.buildah('from', 'scratch');
    await storage.buildah('add', container, archive, '/');
    await storage.buildah('config', '--env', `PATH=/usr/local/bin:/usr/bin:/bin`, container);
    await storage.buildah('commit', '--rm', '--disable-compression', container, BASE_IMAGE);
  }
  // Made anew, everything that was built on it would be, too.
  if (await storage.has(NODE_IMAGE)) return;
  const container = await storage.buildah('from', '--pull-never', BASE_IMAGE);
  const folder = await storage.buildah('mount', container);
  const node = nodeVersion === undefined ? process.execPath : await nodeFromNpm(work, nodeVersion);
  copyFileSync(node, join(folder, 'usr/local/bin/node'));
  const npm = await npmFolder();
  cpSync(npm, join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx']) {
    writeFileSync(
      join(folder, 'usr/local/bin', name),
      `#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/${name}-cli.js "$@"\n`,
      { mode: 0o755 },
    );
  }
  if (existsSync(CERTIFICATES)) {
    // Where the way to the registry has certificates of its own, npm has to know them.
    mkdirSync(join(folder, dirname(CERTIFICATES)), { recursive: true });
    copyFileSync(CERTIFICATES, join(folder, CERTIFICATES));
    await storage.buildah('config', '--env', `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, container);
  }
  await storage.buildah('commit', '--rm', '--disable-compression', container, NODE_IMAGE);
}

/** Kept between runs, since it is always the same and takes half a minute. @param {string} work @returns {Promise<string>} a tar archive */
async function debian(work) {
  const archive = join(kept, `${RELEASE}-${process.arch}.tar`);
  if (existsSync(archive)) return archive;
  const folder = join(work, 'debian');
  await call('debootstrap', ['--variant=minbase', RELEASE, folder], { yields: true });
  const left = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale', 'var/log'];
  mkdirSync(kept, { recursive: true });
  const fresh = join(kept, `${basename(work)}.tar`);
  await call('tar', ['-C', folder, ...left.map((path) => `--exclude=./${path}/*`), '-cf', fresh, '.']);
  renameSync(fresh, archive);
  rmSync(folder, { recursive: true, force: true });
  return archive;
}

/** @param {string} work @param {string} version @returns {Promise<string>} the program */
async function nodeFromNpm(work, version) {
  const into = join(work, 'node');
  mkdirSync(into, { recursive: true });
  const name = `node-linux-${process.arch}@${version}`;
  await step(`Fetching ${name}`, async () => {
    const out = await call('npm', ['pack', '--silent', '--pack-destination', into, name]);
    await call('tar', ['-C', into, '-xzf', join(into, out.trim().split('\n').at(-1) ?? ''), 'package/bin/node']);
  });
  return join(into, 'package/bin/node');
}

async function npmFolder() {
  return resolve((await call('npm', ['root', '--global', '--silent'])).trim(), 'npm');
}
