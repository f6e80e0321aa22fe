import { checksumOf } from '@parley/ot';
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { checksumInSlices, textOf } from './document-text.js';

const BYTES = 16 * 2 ** 20;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const large = Array.from({ length: 200_000 }, (_, id) => ({ name: `node ${String(id)}`, id, tags: ['a', 'b'] }));

/** Turns that others get until it is done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let [turns, done] = [0, false];
  void work.then(() => (done = true));
  for (; !done; turns++) await nextTurn();
  return turns;
}

it('a large document gives others their turns while its checksum is made', async () => {
  const checksum = checksumInSlices(large, BYTES);
  expect(await turnsDuring(checksum)).toBeGreaterThan(5);
  expect(await checksum).toEqual({ ok: true, value: checksumOf(large, sha256) });
});

it('and while its text is made', async () => {
  const text = textOf(large, BYTES);
  expect(await turnsDuring(text)).toBeGreaterThan(5);
  expect(await text).toEqual({ ok: true, value: JSON.stringify(large) });
});

it('a small one needs no turns', async () => {
  const small = { b: [1, 2], a: 'ß' };
  expect(await turnsDuring(checksumInSlices(small, 100))).toBeLessThanOrEqual(1);
  expect(await checksumInSlices(small, 100)).toEqual({ ok: true, value: checksumOf(small, sha256) });
});

it('one large document is read after the other; of too many at once some are refused', async () => {
  const all = await Promise.all(Array.from({ length: 1_010 }, () => checksumInSlices('x', BYTES)));
  expect(all.filter(({ ok }) => ok)).toHaveLength(1_000);
  expect(all.at(-1)).toMatchObject({ error: { code: 'unavailable' } });
  expect((await checksumInSlices('x', BYTES)).ok).toBe(true);
});
