// @ts-check
import 'reflect-metadata';
import { Validator } from '@seriousme/openapi-schema-validator';
import ajvModule from 'ajv';
import ajvFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { goldenFrames, isPartial } from './transcripts.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const names = ['chat', 'topics', 'collab', 'watch', 'party'];

/** What transcripts send to be refused: file and type, in order. Nothing else may fail to fit. */
const meantToBeBad = new Map([
  ['chat', []],
  ['topics', ['09-error.jsonl Broadcast']],
  ['collab', []],
  ['watch', []],
  ['party', ['06-other-errors.jsonl join']],
]);

/** @param {string} name */
function documentOf(name) {
  return JSON.parse(readFileSync(join(root, 'docs', 'generated', 'asyncapi', `${name}.json`), 'utf8'));
}

function freshAjv() {
  const ajv = new ajvModule.default({ strict: false, allErrors: false });
  ajvFormats.default(ajv);
  return ajv;
}

/** Whether a message fits one of the document's for its direction, at its endpoint. @param {any} document */
function judgeOf(document) {
  const ajv = freshAjv();
  /** @type {Map<string, import('ajv').ValidateFunction>} */
  const checks = new Map();
  for (const [id, message] of Object.entries(document.components.messages)) {
    if (message.contentType === 'application/json') checks.set(id, ajv.compile(message.payload));
  }
  return (/** @type {import('./transcripts.mjs').GoldenFrame} */ { direction, endpoint, message }) => {
    const channels = Object.values(document.channels).filter(
      (channel) => endpoint === undefined || channel.address === endpoint,
    );
    const ids = channels.flatMap((channel) => Object.keys(channel.messages));
    return ids.some((id) => id.startsWith(`${direction}-`) && checks.get(id)?.(message) === true);
  };
}

const metaSchema = join(root, 'node_modules', '@asyncapi', 'specs', 'schemas', '3.0.0-without-$id.json');
const isAsyncApi = freshAjv().compile(JSON.parse(readFileSync(metaSchema, 'utf8')));

describe.each(names)('AsyncAPI of %s', (name) => {
  it('is AsyncAPI 3.0', () => {
    expect(isAsyncApi(documentOf(name)), JSON.stringify(isAsyncApi.errors)).toBe(true);
    // That the meta-schema looks at all:
    expect(isAsyncApi({ ...documentOf(name), operations: { one: { action: 'shout' } } })).toBe(false);
  });

  it('points at nothing that is not there', () => {
    const document = documentOf(name);
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(refs.length).toBeGreaterThan(20);
    const lost = refs.filter(
      (path) => path.split('/').reduce((/** @type {any} */ here, member) => here?.[member], document) === undefined,
    );
    expect(lost).toEqual([]);
  });

  it('has room for every frame of the golden transcripts, and for none that is meant to be bad', () => {
    const fits = judgeOf(documentOf(name));
    const frames = goldenFrames(root, name);
    expect(frames.length).toBeGreaterThan(20);
    const whole = frames.filter(({ message }) => !isPartial(message));
    const unfit = whole.filter((frame) => !fits(frame));
    const told = unfit.map(({ file, message }) => `${file} ${/** @type {any} */ (message).type}`);
    expect(told).toEqual(meantToBeBad.get(name));
    expect(unfit.every(({ direction }) => direction === 'up')).toBe(true);
  });

  it('has examples that fit their message', () => {
    const document = documentOf(name);
    const ajv = freshAjv();
    const messages = Object.values(document.components.messages).filter(({ examples }) => examples !== undefined);
    expect(messages.length).toBeGreaterThan(8);
    for (const { name: message, payload, examples } of messages) {
      const check = ajv.compile(payload);
      for (const example of examples)
        expect(check(example.payload), `${message}: ${ajv.errorsText(check.errors)}`).toBe(true);
    }
  });
});

describe('OpenAPI', () => {
  it('is OpenAPI 3.1', async () => {
    const dist = join(root, 'services', 'gateway', 'dist', 'rest');
    const { openApi } = await import(pathToFileURL(join(dist, 'openapi.js')).href);
    const { controllers } = await import(pathToFileURL(join(dist, 'rest.module.js')).href);
    const document = JSON.parse(JSON.stringify(openApi(controllers, '1.0')));
    const validator = new Validator();
    const { valid, errors } = await validator.validate(document);
    expect(valid, JSON.stringify(errors)).toBe(true);
    expect(validator.version).toBe('3.1');
    const wrong = structuredClone(document);
    wrong.paths['/openapi.json'].get.responses = 'none';
    expect((await validator.validate(wrong)).valid).toBe(false);
  });
});
