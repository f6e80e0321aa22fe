// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @typedef {{env: string, type: string, default: string, doc: string}} OptionRow */

/**
 * The options that the built code defines: what every process reads, what those with a database read, and each service's
 * own. Undefined for a service that is not built.
 * @param {string} root
 * @param {string} service
 * @returns {Promise<OptionRow[] | undefined>}
 */
export async function serviceOptions(root, service) {
  const file = join(root, 'services', service, 'dist', `${service}.options.js`);
  if (!existsSync(file)) return undefined;
  const module = await import(pathToFileURL(file).href);
  return describe(root, module[`${service}Options`]);
}

/** @param {string} root @returns {Promise<{common: OptionRow[], database: OptionRow[]}>} */
export async function sharedOptions(root) {
  const file = join(root, 'libs', 'service', 'dist', 'common-options.js');
  const module = await import(pathToFileURL(file).href);
  return {
    common: await describe(root, module.commonOptions),
    database: await describe(root, module.databaseOptions),
  };
}

/**
 * What the person has set, for each service only what it reads: handed to all, it would be a misspelling to most.
 * @param {string} root
 * @param {readonly string[]} services
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{forService: (service: string) => NodeJS.ProcessEnv, unknown: string[]}>} unknown: read by nobody
 */
export async function distribute(root, services, env) {
  /** @type {Map<string, Set<string>>} */
  const known = new Map();
  for (const service of services) {
    const own = await serviceOptions(root, service);
    if (own === undefined) return { forService: () => env, unknown: [] };
    const { common, database } = await sharedOptions(root);
    known.set(service, new Set([...own, ...common, ...database].map((row) => row.env)));
  }
  const ours = Object.keys(env).filter((name) => name.startsWith('PARLEY_'));
  return {
    forService: (service) =>
      Object.fromEntries(
        Object.entries(env).filter(([name]) => !name.startsWith('PARLEY_') || known.get(service)?.has(name)),
      ),
    unknown: ours.filter((name) => [...known.values()].every((names) => !names.has(name))),
  };
}

/** @param {string} root @param {unknown} definitions @returns {Promise<OptionRow[]>} */
async function describe(root, definitions) {
  const { describeOptions } = await import(pathToFileURL(join(root, 'libs', 'config', 'dist', 'index.js')).href);
  return describeOptions(definitions);
}
