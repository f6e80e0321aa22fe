import { defineRequest, fail, ok } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { expect, test } from 'vitest';
import { echo, keyed, onEveryNats } from './test/fixture.js';

const hang = (): Promise<never> => new Promise(() => undefined);

onEveryNats('requests', (fixture) => {
  test('are answered, with the bytes that travel beside them', async () => {
    const [asker, service] = [await fixture.connect(), await fixture.connect()];
    service.serve(echo, async ({ n }, { body }) => ok({ n: n + (body?.[0] ?? 0) }));
    await service.flush();
    expect(await asker.call(echo, { n: 1 })).toEqual(ok({ n: 1 }));
    expect(await asker.call(echo, { n: 1 }, { body: new Uint8Array([5, 6]) })).toEqual(ok({ n: 6 }));
  });

  test('fail with the errors of their contract, field and all', async () => {
    const bus = await fixture.connect();
    bus.serve(echo, async () => fail('not_found', 'No such room.'));
    await bus.flush();
    expect(await bus.call(echo, { n: 1 })).toEqual(fail('not_found', 'No such room.'));
    expect(await bus.call(echo, { n: 1.5 })).toMatchObject({ ok: false, error: { code: 'invalid', field: 'n' } });
  });

  test('fail as internal, logged, when a handler throws or answers what the contract does not know', async () => {
    const bus = await fixture.connect();
    const wider = defineRequest('rooms.echo', { request: echo.request, reply: Type.Unknown(), errors: ['conflict'] });
    const answers = [
      async () => Promise.reject(new Error('broken')),
      async () => fail('conflict', 'taken'),
      async () => ok({ n: 'no number' }),
    ];
    bus.serve(wider, async ({ n }) => (answers[n] ?? hang)());
    await bus.flush();
    for (const n of [0, 1, 2]) {
      expect(await bus.call(echo, { n })).toMatchObject({ ok: false, error: { code: 'internal' } });
    }
    expect(fixture.log.errors()).toEqual([
      'a request handler threw',
      'an error is not in the contract',
      'a reply does not fit its contract',
    ]);
  });

  test('fail at once when nobody serves, and at their deadline when nobody answers', async () => {
    const bus = await fixture.connect();
    const startedAt = performance.now();
    expect(await bus.call(echo, { n: 1 })).toMatchObject({ error: { code: 'unavailable' } });
    expect(performance.now() - startedAt).toBeLessThan(500);
    bus.serve(echo, hang);
    await bus.flush();
    expect(await bus.call(echo, { n: 1 }, { deadlineMs: 100 })).toMatchObject({ error: { code: 'timeout' } });
  });

  test('are refused beyond the bounds of caller and service', async () => {
    const [asker, service] = [await fixture.connect({ maxCalls: 3 }), await fixture.connect()];
    service.serve(echo, hang, { concurrency: 1, waiting: 1 });
    await service.flush();
    const waiting = [1, 2].map((n) => asker.call(echo, { n }, { deadlineMs: 300 }));
    expect(await asker.call(echo, { n: 3 })).toMatchObject({
      error: { code: 'unavailable', message: /too much to do/ },
    });
    const third = asker.call(echo, { n: 3 }, { deadlineMs: 100 });
    expect(await asker.call(echo, { n: 4 })).toMatchObject({ error: { code: 'unavailable', message: /Too many/ } });
    await third;
    for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject({ error: { code: 'timeout' } });
  });

  test('go to one replica each', async () => {
    const [asker, ...replicas] = [await fixture.connect(), await fixture.connect(), await fixture.connect()];
    const seen = [0, 0];
    for (const [index, replica] of replicas.entries()) {
      replica.serve(echo, async (request) => {
        seen[index] = (seen[index] ?? 0) + 1;
        return ok(request);
      });
      await replica.flush();
    }
    await Promise.all(Array.from({ length: 200 }, (_, n) => asker.call(echo, { n })));
    expect((seen[0] ?? 0) + (seen[1] ?? 0)).toBe(200);
    expect(Math.min(...seen)).toBeGreaterThan(0);
  });

  test('that were taken are finished when the service stops', async () => {
    const bus = await fixture.connect();
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    let taken = 0;
    const serving = bus.serve(echo, async (request) => {
      taken++;
      await gate;
      return ok(request);
    });
    await bus.flush();
    const answers = [1, 2, 3].map((n) => bus.call(echo, { n }));
    await waitFor(() => taken === 3);
    const stopped = serving.stop();
    await waitFor(async () => !(await bus.call(echo, { n: 4 }, { deadlineMs: 50 })).ok);
    finish();
    expect(await Promise.all(answers)).toEqual([ok({ n: 1 }), ok({ n: 2 }), ok({ n: 3 })]);
    await stopped;
  });

  test('for a shard wait for its new owner', async () => {
    const [asker, owner] = [await fixture.connect(), await fixture.connect()];
    const answer = asker.call(keyed, { key: 'a', n: 1 });
    expect(await asker.call(echo, { n: 1 })).toMatchObject({ error: { code: 'unavailable' } });
    owner.serveShard(keyed, keyed.shard?.({ key: 'a', n: 1 }) ?? -1, async ({ n }) => ok({ n }));
    expect(await answer).toEqual(ok({ n: 1 }));
    expect(await asker.call(keyed, { key: 'b', n: 1 }, { deadlineMs: 200 })).toMatchObject({
      error: { code: 'unavailable' },
    });
  });

  test('that cannot be written, or whose answers cannot, fail alone', async () => {
    const bus = await fixture.connect();
    const any = defineRequest('rooms.any', { request: Type.Unknown(), reply: Type.Unknown(), errors: [] });
    const circle: { self?: unknown } = {};
    circle.self = circle;
    bus.serve(any, async (question) => ok(question === 'circle' ? circle : question), { concurrency: 1 });
    await bus.flush();
    let deep: unknown = 0;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(await bus.call(any, deep)).toMatchObject({ error: { code: 'invalid' } });
    expect(await bus.call(any, 'circle')).toMatchObject({ error: { code: 'internal' } });
    expect(await bus.call(any, 1)).toEqual(ok(1));
  });

  test('that are a little too large with their headers are refused, not lost', async () => {
    const bus = await fixture.connect();
    const big = defineRequest('rooms.big', { request: Type.String(), reply: Type.Integer(), errors: [] });
    bus.serve(big, async (text) => ok(text.length));
    await bus.flush();
    for (const length of [1_048_576, 1_048_500, 1_048_000]) {
      expect(await bus.call(big, 'x'.repeat(length))).toMatchObject({
        error: { code: 'invalid', message: /too large/ },
      });
    }
    expect(await bus.call(big, 'x'.repeat(1_047_000))).toEqual(ok(1_047_000));
    expect(fixture.log.errors()).toEqual([]);
  });

  test('may be too large to be sent or answered, which is said', async () => {
    const bus = await fixture.connect();
    const big = defineRequest('rooms.big', { request: Type.String(), reply: Type.String(), errors: [] });
    bus.serve(big, async (size) => ok('x'.repeat(Number(size))));
    await bus.flush();
    expect(await bus.call(big, '2000000')).toMatchObject({ error: { code: 'internal', message: /too large/ } });
    expect(await bus.call(big, 'x'.repeat(2_000_000))).toMatchObject({
      error: { code: 'invalid', message: /too large/ },
    });
  });
});
