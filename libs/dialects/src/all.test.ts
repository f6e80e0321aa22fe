import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dialects } from './all.js';
import type { Dialect } from './dialect.js';
import { echo } from './testing/echo/index.js';

/** Whoever knows one dialect's folder knows all; verbs may have files of their own in `actions`. */
const files = [
  'SPEC.md',
  'decode.ts',
  'down.ts',
  'encode.ts',
  'errors.ts',
  'examples.ts',
  'handshake.ts',
  'index.ts',
  'keepalive.ts',
  'session.ts',
  'up.ts',
  'version.ts',
  'wire.ts',
];
const source = fileURLToPath(new URL('../src/', import.meta.url));

/** The example of docs/adding-a-dialect.md is held to the same. */
const held = [
  ...dialects.map((dialect) => ({ name: dialect.name, folder: dialect.name, dialect })),
  { name: echo.name, folder: 'testing/echo', dialect: echo },
];

describe.each(held)('$name', ({ folder, dialect }: { folder: string; dialect: Dialect }) => {
  it('has the files that every dialect has, and no others', () => {
    const found = readdirSync(`${source}${folder}`).filter((file) => !file.endsWith('.test.ts') && file !== 'actions');
    const own = dialect.routes === undefined ? files : [...files, 'routes.ts'];
    expect(found.sort()).toEqual(own.sort());
  });

  it('has rules with ids of their own, and tests that cite only those', () => {
    const rules = [...readFileSync(`${source}${folder}/SPEC.md`, 'utf8').matchAll(/^\| ([A-Z]{2}\d+) /gm)].map(
      ([, id]) => id,
    );
    expect(new Set(rules).size).toBe(rules.length);
    const tests = readdirSync(`${source}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => readFileSync(`${source}${folder}/${file}`, 'utf8'));
    const cited = tests.flatMap((test) => [...test.matchAll(/['"\s]([A-Z]{2}\d+)(?=[,:] )/g)].map(([, id]) => id));
    expect(cited.length).toBeGreaterThan(0);
    expect(cited.filter((id) => !rules.includes(id))).toEqual([]);
  });

  it('serves a path of its own on every listener', () => {
    expect(dialect.endpoints.some((endpoint) => endpoint.listener === undefined)).toBe(true);
  });

  it('probes before it gives up', () => {
    expect(dialect.keepAlive.probeAfterMs).toBeLessThan(dialect.keepAlive.silentAfterMs);
  });

  it('keys its encoders by their kinds', () => {
    for (const [kind, encoder] of dialect.encoders) expect(encoder.kind).toBe(kind);
  });
});

/** A dialect that asks for a path on one listener has it there before one that has it everywhere. */
it.each([
  ['everywhere', (listener: number | undefined) => listener === undefined],
  ['on one listener', (listener: number | undefined) => listener !== undefined],
])('serves every path once %s', (_, counts) => {
  const served = dialects.flatMap((dialect) =>
    dialect.endpoints
      .filter(({ listener }) => counts(listener))
      .map(({ path, listener }) => `${path}:${listener ?? '*'}`),
  );
  expect(new Set(served).size).toBe(served.length);
});
