import { describe, expect, test } from 'vitest';
import { Lanes } from './lanes.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('lanes', () => {
  test('keep the order within a lane and run lanes side by side', async () => {
    const lanes = new Lanes(8, 1_000);
    const done = new Map<string, number[]>([
      ['a', []],
      ['b', []],
    ]);
    let atOnce = 0;
    let most = 0;
    for (let n = 0; n < 50; n++) {
      for (const lane of ['a', 'b']) {
        lanes.add(lane, async () => {
          most = Math.max(most, ++atOnce);
          await turn();
          done.get(lane)?.push(n);
          atOnce--;
        });
      }
    }
    await lanes.settled();
    const order = Array.from({ length: 50 }, (_, n) => n);
    expect(done.get('a')).toEqual(order);
    expect(done.get('b')).toEqual(order);
    expect(most).toBe(2);
  });

  test('take no more than they have room for', async () => {
    const lanes = new Lanes(2, 3);
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const accepted = Array.from({ length: 7 }, () => lanes.add(undefined, () => gate));
    expect(accepted).toEqual([true, true, true, true, true, false, false]);
    finish();
    await lanes.settled();
    expect(lanes.add(undefined, turn)).toBe(true);
  });

  test('let a new lane in between two jobs of a busy one', async () => {
    const lanes = new Lanes(1, 100);
    const order: string[] = [];
    const job = (name: string) => async (): Promise<void> => {
      await turn();
      order.push(name);
    };
    for (const name of ['a1', 'a2', 'a3']) lanes.add('a', job(name));
    lanes.add('b', job('b1'));
    await lanes.settled();
    expect(order).toEqual(['a1', 'b1', 'a2', 'a3']);
  });
});
