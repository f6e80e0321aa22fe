import { canonicalText } from '@parley/ot';
import { seededRandom, type SeededRandom } from '@parley/testing';
import { expect, it } from 'vitest';
import { jsonPieces } from './json-pieces.js';

const ALPHABET = ['a', 'b', '"', '\\', '\n', '\u0001', '\u2028', 'ß', '€', '😀', '1', '10', '9'];

function text(random: SeededRandom, length: number): string {
  return Array.from({ length }, () => random.pick(ALPHABET)).join('');
}

function value(random: SeededRandom, depth: number): unknown {
  const kind = random.int(0, depth > 0 ? 7 : 5);
  if (kind === 0) return null;
  if (kind === 1) return random.chance();
  if (kind === 2) return random.pick([0, -0, 1, -1.5, 1e21, 1e-7, 0.1, Number.MAX_VALUE, random.next()]);
  if (kind === 3) return text(random, random.chance(0.02) ? random.int(16_000, 40_000) : random.int(0, 5));
  if (kind < 6) return random.int(-1_000, 1_000);
  const size = random.chance(0.01) ? 10_000 : random.int(0, 6);
  const inner = (): unknown => value(random, size > 6 ? 0 : depth - 1);
  if (kind === 6) return Array.from({ length: size }, inner);
  return Object.fromEntries(Array.from({ length: size }, () => [text(random, random.int(0, 6)), inner()]));
}

it('together are the canonical text, or what JSON.stringify gives, of any JSON', () => {
  const random = seededRandom(7);
  for (let round = 0; round < 500; round++) {
    const json = value(random, 6);
    expect([...jsonPieces(json, true)].join('')).toBe(canonicalText(json));
    expect([...jsonPieces(json, false)].join('')).toBe(JSON.stringify(json));
  }
});

it('are small, whatever the shape, and do not part the halves of a pair', () => {
  const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${String(index * 7_919)}`, index]));
  const shapes = [wide, '😀a'.repeat(100_000), Object.keys(wide), { deep: [[wide]] }];
  for (const shape of shapes) {
    const pieces = [...jsonPieces(shape, true)];
    expect(pieces.join('')).toBe(canonicalText(shape));
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(20_000);
  }
});

it('leave pauses while many keys are put in order', () => {
  const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${String(index * 7_919)}`, index]));
  const firstText = [...jsonPieces(wide, true)].findIndex((piece) => piece !== '');
  expect(firstText).toBeGreaterThan(40);
});
