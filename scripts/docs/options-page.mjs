// @ts-check
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { serviceOptions, sharedOptions } from '../start/options.mjs';
import { code, page, table } from './table.mjs';

/** @typedef {import('../start/options.mjs').OptionRow} OptionRow */

/** Every environment variable that a process reads. @param {string} root @returns {Promise<string>} */
export async function optionsPage(root) {
  const { common, database } = await sharedOptions(root);
  const parts = [
    'Everything is configured by environment variables. They are read once, at start; a wrong value ends the start with one line that says what was expected, and a variable that nothing reads is warned of.',
    '## Every process',
    rows(common),
    '## Services with a database (all but the gateway)',
    rows(database),
  ];
  for (const service of readdirSync(join(root, 'services')).sort()) {
    const options = await serviceOptions(root, service);
    if (options !== undefined && options.length > 0) parts.push(`## ${service}`, rows(options));
  }
  return page('Options', '`services/*/src/*.options.ts` and `libs/service`', parts);
}

/** @param {readonly OptionRow[]} options */
function rows(options) {
  return table(
    ['Variable', 'Value', 'Default', 'What it does'],
    options.map(({ env, type, default: fallback, doc }) => [code(env), type, shown(fallback), doc]),
  );
}

/** Words in parentheses, such as (none), are no values. @param {string} fallback */
function shown(fallback) {
  return /^\(.*\)$/.test(fallback) || fallback === '' ? fallback : code(fallback);
}
