import { defineRequest, ok } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { expect, test } from 'vitest';
import { keyed, onEveryNats } from './test/fixture.js';

const other = defineRequest('rooms.other', {
  request: keyed.request,
  reply: keyed.reply,
  errors: [],
  deadlineMs: 500,
  shard: () => 7,
});
const first = defineRequest('rooms.first', { ...keyed, shard: () => 7 });

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

onEveryNats('a shard', (fixture) => {
  test('handles one request at a time in the order received, over all its definitions', async () => {
    const [asker, owner] = [await fixture.connect(), await fixture.connect()];
    const handled: number[] = [];
    let running = 0;
    const handler = async ({ n }: { n: number }) => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      handled.push(n);
      running--;
      return ok({ n });
    };
    owner.serveShard(first, 7, handler);
    owner.serveShard(other, 7, handler);
    await owner.flush();
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    await Promise.all(
      numbers.map((n) => asker.call(n % 3 === 0 ? first : other, { key: 'k', n }, { deadlineMs: 5_000 })),
    );
    expect(handled).toEqual(numbers);
  });

  test('with lanes, a slow key holds up only itself', async () => {
    const [asker, owner] = [await fixture.connect(), await fixture.connect()];
    const slow = gate();
    const handled: string[] = [];
    const lane = ({ key }: { key: string }): string => key;
    owner.serveShard(
      first,
      7,
      async ({ key, n }) => {
        if (key === 'slow') await slow.opened;
        handled.push(`${key}${n}`);
        return ok({ n });
      },
      { lane },
    );
    await owner.flush();
    const held = [1, 2].map((n) => asker.call(first, { key: 'slow', n }));
    expect(await asker.call(first, { key: 'quick', n: 3 })).toEqual(ok({ n: 3 }));
    slow.open();
    await Promise.all(held);
    expect(handled).toEqual(['quick3', 'slow1', 'slow2']);
  });

  test('does not handle what has waited beyond its deadline', async () => {
    const [asker, owner] = [await fixture.connect(), await fixture.connect()];
    const blocked = gate();
    const handled: number[] = [];
    owner.serveShard(first, 7, async ({ n }) => {
      await blocked.opened;
      return ok({ n });
    });
    owner.serveShard(other, 7, async ({ n }) => {
      handled.push(n);
      return ok({ n });
    });
    await owner.flush();
    const blocking = asker.call(first, { key: 'k', n: 1 });
    const stale = asker.call(other, { key: 'k', n: 2 }, { deadlineMs: 2_000 });
    await new Promise((resolve) => setTimeout(resolve, other.deadlineMs + 100));
    blocked.open();
    expect(await blocking).toEqual(ok({ n: 1 }));
    expect(await stale).toMatchObject({ error: { code: 'timeout' } });
    expect(handled).toEqual([]);
  });

  test('changes hands without a failed request', async () => {
    const [asker, before, after] = [await fixture.connect(), await fixture.connect(), await fixture.connect()];
    let moved = 0;
    const serving = before.serveShard(first, 7, async ({ n }) => ok({ n }));
    await before.flush();
    const answers: Promise<unknown>[] = [];
    for (let n = 0; n < 200; n++) {
      answers.push(asker.call(first, { key: 'k', n }).then((outcome) => outcome.ok));
      if (n % 10 === 0) await asker.flush();
      if (n !== 100) continue;
      await serving.stop();
      after.serveShard(first, 7, async (request) => {
        moved++;
        return ok({ n: request.n });
      });
    }
    expect(new Set(await Promise.all(answers))).toEqual(new Set([true]));
    await waitFor(() => moved > 0);
  });
});
