import { newConnectionId, newUserId } from '@parley/contracts';
import { startChild, waitFor } from '@parley/testing';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onEveryNats } from './test/fixture.js';

const page = new URL('../../../docs/topics.md', import.meta.url);
/** Inside the workspace, so that the example finds the packages that it imports. */
const folder = new URL('..', import.meta.url).pathname;

const anyNumber: unknown = expect.any(Number);

/** The example as the page prints it. */
async function printedBackend(): Promise<string> {
  const section = (await readFile(page, 'utf8')).split('## A backend for `X-` messages')[1] ?? '';
  const code = /```ts\n([\s\S]*?)```/.exec(section)?.[1];
  if (code === undefined) throw new Error('docs/topics.md prints no backend');
  return code;
}

onEveryNats('the backend printed in docs/topics.md', (fixture) => {
  test('answers as the page says', async () => {
    const file = join(folder, `example-${String(process.pid)}.mjs`);
    await writeFile(file, await printedBackend());
    const child = await startChild({
      name: 'backend',
      command: process.execPath,
      args: [file],
      env: { ...process.env, PARLEY_NATS_URL: fixture.nats.url },
    });
    try {
      const bus = await fixture.connect();
      const request = { name: 'X-RollDice', userId: newUserId(), connectionId: newConnectionId() };
      const answered = await waitFor(async () => {
        const outcome = await bus.callExtension({ ...request, data: { sides: 6 } });
        return outcome.ok ? outcome.value : undefined;
      }, 'the backend');
      expect(answered.data).toEqual({ userId: request.userId, rolled: anyNumber });
      expect(await bus.callExtension({ ...request, data: { sides: 1 } })).toMatchObject({
        ok: false,
        error: { code: 'invalid', field: 'data.sides' },
      });
    } finally {
      await child.stop(2_000);
      await rm(file, { force: true });
    }
  });
});
