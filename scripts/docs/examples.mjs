// @ts-check
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import prettier from 'prettier';
import { goldenFrames, isPartial } from './transcripts.mjs';

/** For each message; more teach nothing. */
const MOST = 2;

/** @typedef {{schema: object, endpoint?: string}} MessageWire */
/** @typedef {{name: string, wire: {up: Record<string, MessageWire>, down: Record<string, MessageWire>}}} DescribedDialect */

/** @param {string} root @returns {Promise<DescribedDialect[]>} */
export async function loadDialects(root) {
  const { dialects } = await import(pathToFileURL(join(root, 'libs', 'dialects', 'dist', 'index.js')).href);
  return dialects;
}

/**
 * `examples.ts` of each dialect, from the golden transcripts: frames by the messages whose schema they fit.
 * @param {string} root
 * @returns {Promise<Map<string, string>>} by path
 */
export async function exampleFiles(root) {
  const { compile } = await import(pathToFileURL(join(root, 'libs', 'contracts', 'dist', 'index.js')).href);
  const options = await prettier.resolveConfig(join(root, 'package.json'));
  /** @type {Map<string, string>} */
  const files = new Map();
  for (const { name, wire } of await loadDialects(root)) {
    const frames = goldenFrames(root, name).filter(({ message }) => !isPartial(message));
    /** @type {Record<string, string[]>} */
    const examples = {};
    for (const direction of /** @type {const} */ (['up', 'down'])) {
      for (const [message, { schema, endpoint }] of Object.entries(wire[direction])) {
        const check = compile(schema);
        const fitting = frames.filter(
          (frame) =>
            frame.direction === direction &&
            (endpoint === undefined || frame.endpoint === endpoint) &&
            isCalled(message, frame.message) &&
            check.is(frame.message),
        );
        const texts = [...new Set(fitting.map((frame) => JSON.stringify(frame.message)))].slice(0, MOST);
        if (texts.length > 0) examples[`${direction} ${message}`] = texts;
      }
    }
    const source = `import type { Examples } from '../wire.js';

/** Made by \`npm run docs\` from conformance/transcripts/${name}. Change those, not this. */
export const examples: Examples = ${JSON.stringify(examples)};
`;
    const file = join('libs', 'dialects', 'src', name, 'examples.ts');
    files.set(file, await prettier.format(source, { ...options, parser: 'typescript' }));
  }
  return files;
}

/** Schemas that take any type, of extensions and of forms, are told by how the type is spelt. @param {string} name @param {any} message */
function isCalled(name, message) {
  const type = String(message.type ?? message.op);
  if (name === 'Extension') return type.startsWith('X-');
  return name === 'NESTED' ? /^[A-Z_]+$/.test(type) : true;
}
