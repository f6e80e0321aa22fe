import { defineRequest, GatewayId, newGatewayId, ok } from '@parley/contracts';
import { Type } from '@sinclair/typebox';
import { expect, test } from 'vitest';
import { onEveryNats } from './test/fixture.js';

const who = defineRequest('gateway.who', {
  request: Type.Object({ gatewayId: GatewayId }),
  reply: Type.Object({ name: Type.String() }),
  errors: [],
  gateway: (request) => request.gatewayId,
});

onEveryNats('a request to one gateway', (fixture) => {
  test('is answered by that one', async () => {
    const [asker, one, other] = [await fixture.connect(), await fixture.connect(), await fixture.connect()];
    const [here, there] = [newGatewayId(), newGatewayId()];
    one.serveAt(who, here, () => Promise.resolve(ok({ name: 'one' })));
    other.serveAt(who, there, () => Promise.resolve(ok({ name: 'other' })));
    await Promise.all([one.flush(), other.flush()]);
    for (let times = 0; times < 5; times++) {
      expect(await asker.call(who, { gatewayId: here })).toEqual(ok({ name: 'one' }));
      expect(await asker.call(who, { gatewayId: there })).toEqual(ok({ name: 'other' }));
    }
  });

  test('that is not there, or not any more, fails at once', async () => {
    const [asker, one] = [await fixture.connect(), await fixture.connect()];
    const gatewayId = newGatewayId();
    const served = one.serveAt(who, gatewayId, () => Promise.resolve(ok({ name: 'one' })));
    await one.flush();
    expect(await asker.call(who, { gatewayId })).toEqual(ok({ name: 'one' }));
    await served.stop();
    for (const gone of [gatewayId, newGatewayId()]) {
      const startedAt = performance.now();
      expect(await asker.call(who, { gatewayId: gone })).toMatchObject({ error: { code: 'unavailable' } });
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    }
  });
});
