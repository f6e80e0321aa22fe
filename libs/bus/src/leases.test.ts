import { isUuid, newGatewayId, type GatewayId, type GatewayInfo } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import type { Bus, LeaseEvents } from './bus.js';
import { leaseSubject } from './lease-holder.js';
import { onEveryNats } from './test/fixture.js';

const TTL = 600;

class Watched implements LeaseEvents {
  readonly told: string[] = [];
  alive: readonly GatewayInfo[] | undefined;

  constructor(private readonly gatewayId: GatewayId) {}

  joined(info: GatewayInfo): void {
    if (info.gatewayId === this.gatewayId) this.told.push('joined');
  }
  lost(info: GatewayInfo, graceful: boolean): void {
    if (info.gatewayId === this.gatewayId) this.told.push(graceful ? 'left' : 'lost');
  }
  settled(alive: readonly GatewayInfo[]): void {
    this.alive = alive;
  }
}

const infoOf = (gatewayId: GatewayId, draining = false): GatewayInfo => ({
  gatewayId,
  startedAt: 1,
  draining,
  connections: 0,
});

async function knows(bus: Bus, gatewayId: GatewayId): Promise<GatewayInfo> {
  return waitFor(() => bus.gateways().find((info) => info.gatewayId === gatewayId));
}

onEveryNats('leases', (fixture) => {
  test('tell who joins and, at once, who leaves', async () => {
    const gatewayId = newGatewayId();
    const [holder, watcher] = [await fixture.connect({ leaseTtlMs: TTL }), await fixture.connect({ leaseTtlMs: TTL })];
    const watched = new Watched(gatewayId);
    await watcher.watchLeases(watched);
    let draining = false;
    const held = await holder.holdLease(() => infoOf(gatewayId, draining));
    await knows(watcher, gatewayId);
    draining = true;
    await waitFor(async () => (await knows(watcher, gatewayId)).draining);
    expect(held.ok).toBe(true);
    if (held.ok) await held.value.stop();
    await waitFor(() => watched.told.includes('left'));
    expect(watched.told).toEqual(['joined', 'left']);
    expect(watcher.gateways()).toEqual([]);
  });

  test('stay while they are renewed, and a newcomer learns of them at once', async () => {
    const gatewayId = newGatewayId();
    const [holder, watcher] = [await fixture.connect({ leaseTtlMs: TTL }), await fixture.connect({ leaseTtlMs: TTL })];
    await holder.holdLease(() => infoOf(gatewayId));
    const watched = new Watched(gatewayId);
    await watcher.watchLeases(watched);
    expect(watcher.gateways().map((info) => info.gatewayId)).toEqual([gatewayId]);
    // More than two lease times go by before the second word of the settled view.
    await waitFor(() => watched.alive);
    const second = new Watched(gatewayId);
    await (await fixture.connect({ leaseTtlMs: TTL })).watchLeases(second);
    await waitFor(() => second.alive);
    expect(watched.told).toEqual(['joined']);
    expect(second.alive?.map((info) => info.gatewayId)).toEqual([gatewayId]);
  });

  test('that are not renewed are lost, once, after their time', async () => {
    const gatewayId = newGatewayId();
    const watcher = await fixture.connect({ leaseTtlMs: TTL });
    const watched = new Watched(gatewayId);
    await watcher.watchLeases(watched);
    await waitFor(() => watched.alive);
    const nc = await connect({ servers: fixture.nats.url });
    nc.publish(leaseSubject(gatewayId), JSON.stringify(infoOf(gatewayId)));
    await knows(watcher, gatewayId);
    const startedAt = performance.now();
    await waitFor(() => watched.told.includes('lost'));
    expect(performance.now() - startedAt).toBeGreaterThan(TTL - 100);
    nc.publish(leaseSubject(gatewayId), JSON.stringify(infoOf(gatewayId)));
    await waitFor(() => watched.told.length === 3);
    expect(watched.told).toEqual(['joined', 'lost', 'joined']);
    await nc.close();
  });

  test('are not judged lost by a process that stood still itself', async () => {
    const gatewayId = newGatewayId();
    const bus = await fixture.connect({ leaseTtlMs: TTL });
    const watched = new Watched(gatewayId);
    await bus.watchLeases(watched);
    await bus.holdLease(() => infoOf(gatewayId));
    await waitFor(() => watched.alive);
    // Nothing of this process runs for more than two lease times, nor is a renewal read.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2.5 * TTL);
    watched.alive = undefined;
    await waitFor(() => watched.alive);
    expect(watched.told).toEqual(['joined']);
  });

  test('a lease that is no lease is ignored', async () => {
    const watcher = await fixture.connect({ leaseTtlMs: TTL });
    await watcher.watchLeases(new Watched(newGatewayId()));
    const gatewayId = newGatewayId();
    const nc = await connect({ servers: fixture.nats.url });
    nc.publish(leaseSubject('x'), 'no JSON');
    nc.publish(leaseSubject('x'), '{"gatewayId":"x"}');
    nc.publish(leaseSubject(gatewayId), JSON.stringify(infoOf(gatewayId)));
    await knows(watcher, gatewayId);
    expect(watcher.gateways().every((info) => isUuid(info.gatewayId))).toBe(true);
    await nc.close();
  });
});
