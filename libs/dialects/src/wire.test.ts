import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '@parley/contracts';
import { dialects } from './all.js';
import { asyncApi } from './asyncapi.js';
import * as chat from './chat/decode.js';
import * as chatDown from './chat/down.js';
import { up as chatUp } from './chat/up.js';
import * as collab from './collab/decode.js';
import * as collabDown from './collab/down.js';
import { up as collabUp } from './collab/up.js';
import { textFrame, type Frame } from './frame.js';
import * as party from './party/decode.js';
import * as partyDown from './party/down.js';
import { Nested, up as partyUp } from './party/up.js';
import { instances, spoiled } from './testing/instances.js';
import * as topics from './topics/decode.js';
import * as topicsDown from './topics/down.js';
import { Extension, up as topicsUp } from './topics/up.js';
import * as watch from './watch/decode.js';
import * as watchDown from './watch/down.js';
import { fromDevice, fromViewer } from './watch/up.js';

interface Parts {
  /** The schemas of up.ts and down.ts. */
  readonly up: readonly object[];
  readonly down: readonly object[];
  read(frame: Frame, endpoint: string | undefined): { readonly kind: string };
}

const partsOf: Readonly<Record<string, Parts>> = {
  chat: { up: Object.values(chatUp), down: chatDown.Down.anyOf, read: chat.decode },
  topics: { up: [...Object.values(topicsUp), Extension], down: topicsDown.Down.anyOf, read: topics.decode },
  collab: { up: Object.values(collabUp), down: collabDown.Down.anyOf, read: collab.decode },
  watch: {
    up: [...Object.values(fromDevice), ...Object.values(fromViewer)],
    down: [...watchDown.Built.anyOf, ...[watchDown.SignalOffer, watchDown.SignalAnswer, watchDown.SignalIce]],
    read: (frame, endpoint) => (endpoint === '/ws/viewer' ? watch.decodeViewer(frame) : watch.decodeDevice(frame)),
  },
  party: {
    up: [...Object.values(partyUp), Nested],
    down: [...partyDown.Down.anyOf, ...partyDown.NestedDown.anyOf],
    read: party.decode,
  },
};
/** Their readers ask for more than a schema can say: a signal in one of two forms, base64, one of many types. */
const askMore = new Set(['VOICE_SIGNAL', 'batch', 'BinaryRoute', 'Subscribe', 'NESTED']);
const source = new URL('../src/', import.meta.url);

describe.each(dialects.map((dialect) => [dialect.name, dialect] as const))('%s', (name, dialect) => {
  const { wire } = dialect;
  const parts = partsOf[name];

  it('describes the very schemas that it reads and writes with, each and no other', () => {
    expect(new Set(Object.values(wire.up).map(({ schema }) => schema))).toEqual(new Set(parts?.up));
    for (const { schema } of Object.values(wire.up)) expect(parts?.up.some((one) => one === schema)).toBe(true);
    for (const { schema } of Object.values(wire.down)) expect(parts?.down.some((one) => one === schema)).toBe(true);
    expect(Object.values(wire.down)).toHaveLength(parts?.down.length ?? 0);
  });

  it('names rules of its SPEC.md, answers that there are, and endpoints of its own', () => {
    const spec = readFileSync(new URL(`${name}/SPEC.md`, source), 'utf8');
    const rules = new Set([...spec.matchAll(/^\| ([A-Z]{2}\d+) /gm)].map(([, id]) => id));
    const all = [...Object.values(wire.up), ...Object.values(wire.down), ...Object.values(wire.binary ?? {})];
    for (const one of [...all, ...wire.closes]) {
      expect(one.rules.length).toBeGreaterThan(0);
      expect(one.rules.filter((rule) => !rules.has(rule))).toEqual([]);
    }
    const paths = dialect.endpoints.map(({ path }) => path);
    for (const { endpoint } of [...Object.values(wire.up), ...Object.values(wire.down)]) {
      if (endpoint !== undefined) expect(paths).toContain(endpoint);
    }
    for (const { answers = [] } of Object.values(wire.up)) {
      expect(answers.filter((answer) => !(answer in wire.down))).toEqual([]);
    }
  });

  it('has every message, channel and close in its AsyncAPI', () => {
    const document = JSON.stringify(asyncApi(dialect));
    for (const message of Object.keys(wire.up)) expect(document).toContain(`"up-${message}":{"name"`);
    for (const message of Object.keys(wire.down)) expect(document).toContain(`"down-${message}":{"name"`);
    for (const { path } of dialect.endpoints) expect(document).toContain(`"address":"${path}"`);
    expect(document).toContain('"reason":"heartbeat timeout"');
  });

  it.each(Object.entries(wire.up))(
    'reads %s as its schema says, and refuses what its schema refuses',
    (message, one) => {
      const check = compile(one.schema);
      const accepts = (value: unknown): boolean =>
        parts?.read(textFrame(JSON.stringify(value)), one.endpoint).kind === 'message';
      fc.assert(
        fc.property(instances(one.schema), fc.nat(), (value, seed) => {
          expect(check.is(value)).toBe(true);
          if (!askMore.has(message)) expect(accepts(value)).toBe(true);
          const bad = spoiled(value, seed);
          if (!check.is(bad)) expect(accepts(bad)).toBe(false);
          else if (!askMore.has(message)) expect(accepts(bad)).toBe(true);
        }),
        { seed: 7, numRuns: 60 },
      );
    },
  );
});
