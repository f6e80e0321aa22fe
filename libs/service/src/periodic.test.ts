import { expect, it } from 'vitest';
import { Periodic } from './periodic.js';

it('runs one at a time, again when asked meanwhile, and not after its stop', async () => {
  let running = 0;
  let runs = 0;
  let periodic: Periodic | undefined;
  await new Promise<void>((resolve) => {
    periodic = new Periodic(
      60_000,
      async () => {
        expect(++running).toBe(1);
        if (++runs < 3) periodic?.soon();
        else resolve();
        await Promise.resolve();
        running--;
      },
      () => undefined,
    );
    periodic.soon();
  });
  await periodic?.stop();
  periodic?.soon();
  expect(runs).toBe(3);
});

it('tells of the first of failures in a row, and tries again', async () => {
  const failures: unknown[] = [];
  let runs = 0;
  let periodic: Periodic | undefined;
  await new Promise<void>((resolve) => {
    periodic = new Periodic(
      1,
      () => {
        if (++runs === 6) resolve();
        return runs === 4 ? Promise.resolve() : Promise.reject(new Error(`run ${runs}`));
      },
      (error) => failures.push(error),
    );
    periodic.soon();
  });
  await periodic?.stop();
  expect(failures).toEqual([new Error('run 1'), new Error('run 5')]);
});
