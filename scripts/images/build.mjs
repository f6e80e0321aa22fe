// @ts-check
import { homedir } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { step } from '../start/say.mjs';
import { BASE_IMAGE, NODE_IMAGE } from './base.mjs';
import { root } from './tools.mjs';

/** @typedef {import('./storage.mjs').Storage} Storage */

/** This machine's, as images name it. */
export const ARCH = process.arch === 'x64' ? 'amd64' : process.arch;

export const SERVICES = ['gateway', 'auth', 'presence', 'messaging', 'rooms', 'signaling', 'session'];

/** @param {string} service */
export const imageOf = (service) => `localhost/parley/${service}:proof`;

/**
 * Builds an image as the Dockerfile says. The first one takes longest: what is compiled is shared by all.
 * @param {Storage} storage
 * @param {string} service
 * @param {{arch?: string, version?: string, baseImage?: string, image?: string}} [options] `arch` such as `arm64`
 * @returns {Promise<number>} seconds
 */
export async function buildImage(storage, service, options = {}) {
  const { arch = ARCH, version = 'proof', baseImage = BASE_IMAGE, image = imageOf(service) } = options;
  const begun = performance.now();
  const npmCache = join(homedir(), '.npm');
  await step(`Building ${image}`, () =>
    storage.buildah(
      'bud',
      ...['--isolation', 'chroot', '--network', 'host', '--layers', '--pull-never'],
      ...['--platform', `linux/${arch}`],
      // Packages that this machine has fetched before need not be fetched again.
      ...(existsSync(npmCache) ? ['--volume', `${npmCache}:/root/.npm`] : []),
      ...['--build-arg', `NODE_IMAGE=${NODE_IMAGE}`, '--build-arg', `BASE_IMAGE=${baseImage}`],
      ...['--build-arg', `SERVICE=${service}`, '--build-arg', `VERSION=${version}`],
      ...['--file', join(root, 'docker', 'Dockerfile'), '--tag', image, root],
    ),
  );
  return (performance.now() - begun) / 1_000;
}
