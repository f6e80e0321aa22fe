// @ts-check
// Loads the shared database of the run only once @parley/testing is built, so that scripts/ can be tested without it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const door = new URL('../../libs/testing/dist/global-setup.js', import.meta.url);

/** @returns {Promise<(() => Promise<void>) | undefined>} */
export default async function setup() {
  if (!existsSync(fileURLToPath(door))) return undefined;
  const module = await import(door.href);
  return module.default();
}
