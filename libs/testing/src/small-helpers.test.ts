import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from './free-port.js';
import { seededRandom } from './random.js';
import { waitFor, within } from './wait-for.js';

test('waitFor returns the first answer there is', async () => {
  let asked = 0;
  expect(await waitFor(() => (++asked === 3 ? 'three' : undefined))).toBe('three');
  expect(await waitFor(() => 0)).toBe(0);
});

test('waitFor says what was waited for, and what went wrong last', async () => {
  const waiting = waitFor(
    () => {
      throw new Error('not there');
    },
    'the moon',
    30,
  );
  await expect(waiting).rejects.toThrow(/^waited \d+ ms in vain for the moon$/);
  await expect(waiting).rejects.toMatchObject({ cause: new Error('not there') });
  await expect(within(10, 'an answer', new Promise(() => undefined))).rejects.toThrow(
    'an answer did not come within 10 ms',
  );
});

test('the same seed gives the same numbers', () => {
  const draw = (seed: number): unknown => {
    const random = seededRandom(seed);
    return [random.int(1, 6), random.text(8), random.bytes(4), random.shuffle([1, 2, 3, 4]), random.pick(['a', 'b'])];
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  const dice = Array.from(
    { length: 6_000 },
    (
      (random) => () =>
        random.int(1, 6)
    )(seededRandom(1)),
  );
  for (let face = 1; face <= 6; face++) {
    const share = dice.filter((value) => value === face).length / dice.length;
    expect(share).toBeGreaterThan(0.14);
    expect(share).toBeLessThan(0.19);
  }
  expect(seededRandom(3).shuffle([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
  expect(() => seededRandom(1).pick([])).toThrow('nothing to pick from');
});

test('ports are free, and each is given to one caller only', async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));
  expect(new Set(ports).size).toBe(200);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(ports[0], '127.0.0.1', resolve));
  server.close();
});
