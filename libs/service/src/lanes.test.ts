import { expect, it } from 'vitest';
import { Lanes } from './lanes.js';

it('does the work of one shard in order, one at a time, and of different shards side by side', async () => {
  const lanes = new Lanes();
  const log: string[] = [];
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const first = lanes.run(1, async () => {
    log.push('first begins');
    await gate;
    log.push('first ends');
  });
  const failing = lanes.run(1, () => Promise.reject(new Error('no')));
  const last = lanes.run(1, () => Promise.resolve(log.push('last')));
  await lanes.run(2, () => Promise.resolve(log.push('other shard')));
  open();
  await first;
  await expect(failing).rejects.toThrow('no');
  await last;
  expect(log).toEqual(['first begins', 'other shard', 'first ends', 'last']);
});
