// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A frame of a golden transcript, its placeholders filled with what could stand there.
 * @typedef {{file: string, direction: 'up' | 'down', endpoint: string | undefined, message: unknown}} GoldenFrame
 */

const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

/** @type {Record<string, unknown>} */
const samples = {
  uuid: UUID,
  time: 1_700_000_000_000,
  iso: '2025-01-01T12:34:56.789Z',
  integer: 7,
  string: 'text',
  checksum: `sha256:${'0'.repeat(64)}`,
  ice: [{ urls: 'stun:stun.example.org:3478' }],
};

/**
 * All JSON frames of a dialect's golden transcripts, in order.
 * @param {string} root
 * @param {string} dialect
 * @returns {GoldenFrame[]}
 */
export function goldenFrames(root, dialect) {
  const folder = join(root, 'conformance', 'transcripts', dialect);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .flatMap((file) => framesOf(readFileSync(join(folder, file), 'utf8'), file));
}

/** @param {string} text @param {string} file @returns {GoldenFrame[]} */
function framesOf(text, file) {
  /** @type {Map<string, string>} */
  const endpoints = new Map();
  /** @type {GoldenFrame[]} */
  const frames = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const step = JSON.parse(line);
    if (typeof step.connect === 'string' && typeof step.path === 'string') endpoints.set(step.connect, step.path);
    const endpoint = endpoints.get(step.as);
    if ('send' in step) frames.push({ file, direction: 'up', endpoint, message: filled(step.send) });
    if ('expect' in step) frames.push({ file, direction: 'down', endpoint, message: filled(step.expect) });
  }
  return frames;
}

/** `<any>` stays as it is: whatever stands there is not said. @param {unknown} value @returns {unknown} */
function filled(value) {
  if (typeof value === 'string') {
    const [, name = ''] = /^<(\w+)\??>$/.exec(value) ?? [];
    if (Object.hasOwn(samples, name)) return samples[name];
    return value.replaceAll(/\{[a-z][\w.]*\}/g, (word) => wordOf(word));
  }
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner)]));
}

/** `{alice}` is an id, `{alice.token}` and the like are text. @param {string} word */
function wordOf(word) {
  const member = word.slice(1, -1).split('.')[1];
  return member === undefined || /id$|connection|member|session/.test(member) ? UUID : member;
}

/** Whether a frame leaves a part unsaid. @param {unknown} message */
export function isPartial(message) {
  return /"<any\??>"/.test(JSON.stringify(message));
}
