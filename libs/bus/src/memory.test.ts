import { newConnectionId, newUserId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { expect, test } from 'vitest';
import { onEveryNats } from './test/fixture.js';

onEveryNats('shared answers', (fixture) => {
  test('are recalled by another process under any key', async () => {
    const [one, two] = [await fixture.connect(), await fixture.connect()];
    const key = 'user 1 / message > * é';
    one.remember(key, { status: 'ok', n: [1] });
    expect(await waitFor(() => two.recall(key))).toEqual({ status: 'ok', n: [1] });
    one.remember(key, 'newer');
    await waitFor(async () => (await two.recall(key)) === 'newer');
    expect(await two.recall('another')).toBeUndefined();
  });
});

onEveryNats('extensions', (fixture) => {
  const sender = { userId: newUserId(), connectionId: newConnectionId() };

  test('are answered by whoever serves their name', async () => {
    const [asker, backend] = [await fixture.connect(), await fixture.connect()];
    backend.serveExtension('X-Sum', Type.Array(Type.Number()), async (data, { userId }) => ({
      sum: data.reduce((sum, n) => sum + n, 0),
      for: userId,
    }));
    await backend.flush();
    expect(await asker.callExtension({ name: 'X-Sum', ...sender, data: [1, 2] })).toEqual({
      ok: true,
      value: { data: { sum: 3, for: sender.userId } },
    });
    expect(await asker.callExtension({ name: 'X-Sum', ...sender, data: [1, '2'] })).toMatchObject({
      error: { code: 'invalid', field: 'data.1' },
    });
    expect(await asker.callExtension({ name: 'X-Other', ...sender, data: [] })).toMatchObject({
      error: { code: 'not_found' },
    });
  });

  test('that fail, answer nonsense or nothing are errors', async () => {
    const bus = await fixture.connect();
    bus.serveExtension('X-Throws', Type.Unknown(), async () => Promise.reject(new Error('broken')));
    bus.serveExtension('X-Silent', Type.Unknown(), () => new Promise(() => undefined));
    await bus.flush();
    expect(await bus.callExtension({ name: 'X-Throws', ...sender, data: 1 })).toMatchObject({
      error: { code: 'internal' },
    });
    expect(await bus.callExtension({ name: 'X-Silent', ...sender, data: 1 }, { deadlineMs: 100 })).toMatchObject({
      error: { code: 'timeout' },
    });
  });

  test('that are asked or answer more than NATS takes say so; what they answer need not be JSON', async () => {
    const bus = await fixture.connect();
    const circle: { self?: unknown } = {};
    circle.self = circle;
    bus.serveExtension('X-Large', Type.Unknown(), async () => 'x'.repeat(1_100_000));
    bus.serveExtension('X-Circle', Type.Unknown(), async () => circle);
    bus.serveExtension('X-Echo', Type.Unknown(), async (data) => data);
    await bus.flush();
    const ask = (name: string, data: unknown) => bus.callExtension({ name, ...sender, data });
    expect(await ask('X-Large', 1)).toMatchObject({ error: { code: 'internal' } });
    expect(await ask('X-Circle', 1)).toMatchObject({ error: { code: 'internal' } });
    expect(await ask('X-Echo', 'x'.repeat(1_048_400))).toMatchObject({ error: { code: 'invalid' } });
    expect(await ask('X-Echo', 'x')).toEqual({ ok: true, value: { data: 'x' } });
    bus.remember('large', 'x'.repeat(2_000_000));
    expect(await bus.recall('large')).toBeUndefined();
    expect(fixture.log.errors()).toEqual([]);
  });

  test('have so many requests under way, and so many waiting', async () => {
    const bus = await fixture.connect();
    let running = 0;
    let most = 0;
    bus.serveExtension('X-Busy', Type.Unknown(), async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
    });
    await bus.flush();
    const answers = await Promise.all(
      Array.from({ length: 500 }, () => bus.callExtension({ name: 'X-Busy', ...sender, data: 1 })),
    );
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(most).toBe(64);
  });
});
