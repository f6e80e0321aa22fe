// @ts-check
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import prettier from 'prettier';

/**
 * What gateways serve at `/asyncapi/<dialect>.json`.
 * @param {string} root
 * @returns {Promise<Map<string, string>>} by path
 */
export async function asyncapiFiles(root) {
  const { asyncApi, dialects } = await import(pathToFileURL(join(root, 'libs', 'dialects', 'dist', 'index.js')).href);
  const options = await prettier.resolveConfig(join(root, 'package.json'));
  /** @type {Map<string, string>} */
  const files = new Map();
  for (const dialect of dialects) {
    const text = JSON.stringify(asyncApi(dialect));
    const file = join('docs', 'generated', 'asyncapi', `${dialect.name}.json`);
    files.set(file, await prettier.format(text, { ...options, parser: 'json' }));
  }
  return files;
}
