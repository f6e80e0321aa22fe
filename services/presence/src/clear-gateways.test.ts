import { newUserId, type UserId } from '@parley/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CoreFixture } from './test/core-fixture.js';

const GRACE = 5_000;
const TTL = 6_000;
let fixture: CoreFixture;

beforeEach(async () => {
  fixture = await CoreFixture.start();
});
afterEach(() => fixture.stop());

async function statuses(userId: UserId): Promise<readonly string[]> {
  return (await fixture.heardOf(userId)).map(({ status }) => status);
}

describe('a gateway whose loss was heard of', () => {
  it('takes only those with it who had no other', async () => {
    const [alone, both, elsewhere] = [newUserId(), newUserId(), newUserId()];
    const [dying, living] = [fixture.gateway(), fixture.gateway()];
    await dying.open(alone);
    await dying.open(both);
    await living.open(both);
    await living.open(elsewhere);
    fixture.living.delete(dying.gatewayId);
    fixture.core.clearGateways.lost(dying.gatewayId, false);
    await fixture.core.clearGateways.run();
    expect(fixture.lostAnnounced).toEqual([dying.gatewayId]);
    await fixture.sweepAfter(GRACE - 1);
    expect(await statuses(alone)).toEqual(['online']);
    await fixture.sweepAfter(1);
    expect(await statuses(alone)).toEqual(['online', 'offline']);
    expect(await statuses(both)).toEqual(['online']);
    expect(await statuses(elsewhere)).toEqual(['online']);
    expect((await fixture.core.listConnections.run({ limit: 100 })).ok).toBe(true);
    await fixture.core.clearGateways.run();
    expect(fixture.lostAnnounced).toEqual([dying.gatewayId]);
  });

  it('that says goodbye is cleared at once, though its lease is still there, and announced by itself', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    await gateway.open(user);
    fixture.core.clearGateways.saidGoodbye(gateway.gatewayId);
    await fixture.core.clearGateways.run();
    await fixture.sweepAfter(GRACE);
    expect(await statuses(user)).toEqual(['online', 'offline']);
    expect(fixture.lostAnnounced).toEqual([]);
  });

  it('that was only cut off reports anew, and nobody saw it', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    const connection = await gateway.open(user);
    fixture.living.delete(gateway.gatewayId);
    fixture.core.clearGateways.lost(gateway.gatewayId, false);
    await fixture.core.clearGateways.run();
    fixture.living.add(gateway.gatewayId);
    fixture.core.clearGateways.joined(gateway.gatewayId);
    await gateway.report([connection], []);
    await fixture.core.clearGateways.run();
    await fixture.sweepAfter(2 * GRACE);
    expect(await statuses(user)).toEqual(['online']);
  });
});

describe('a gateway that died while nobody listened', () => {
  it('is found by its missing lease, after a full lease time on the bus', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    await gateway.open(user);
    fixture.living.delete(gateway.gatewayId);
    fixture.core.steadiness.busDisconnected();
    await fixture.core.clearGateways.run();
    fixture.pass(60_000);
    fixture.core.steadiness.busConnected();
    await fixture.core.clearGateways.run();
    fixture.pass(TTL - 1);
    await fixture.core.clearGateways.run();
    expect(fixture.lostAnnounced).toEqual([]);
    fixture.pass(1);
    await fixture.core.clearGateways.run();
    expect(fixture.lostAnnounced).toEqual([gateway.gatewayId]);
    await fixture.sweepAfter(GRACE);
    expect(await statuses(user)).toEqual(['online', 'offline']);
  });

  it('is not found in one that is new, whose lease is seen a moment later', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    fixture.living.delete(gateway.gatewayId);
    await gateway.open(user);
    await fixture.core.clearGateways.run();
    fixture.pass(TTL / 2 - 1);
    await fixture.core.clearGateways.run();
    fixture.living.add(gateway.gatewayId);
    await fixture.core.clearGateways.run();
    fixture.living.delete(gateway.gatewayId);
    fixture.pass(TTL / 2 - 1);
    await fixture.core.clearGateways.run();
    fixture.living.add(gateway.gatewayId);
    await fixture.sweepAfter(2 * GRACE);
    expect(await statuses(user)).toEqual(['online']);
    expect(fixture.lostAnnounced).toEqual([]);
  });
});

describe('after an outage', () => {
  it('nobody is called gone before their gateway had the time to report', async () => {
    const user = newUserId();
    const [one, two] = [fixture.gateway(), fixture.gateway()];
    await one.close(await one.open(user));
    fixture.core.steadiness.busDisconnected();
    // They came back to another gateway, which cannot report it.
    await fixture.sweepAfter(60_000);
    fixture.core.steadiness.busConnected();
    await fixture.sweepAfter(2_999);
    await two.open(user);
    await fixture.sweepAfter(60_000);
    expect(await statuses(user)).toEqual(['online']);
  });
});
