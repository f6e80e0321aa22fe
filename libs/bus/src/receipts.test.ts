import { newGatewayId, type GatewayId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { expect, test } from 'vitest';
import type { Bus, LeaseEvents, ReceivedEvent } from './bus.js';
import { onEveryNats, sample, type Fixture } from './test/fixture.js';

const quiet: LeaseEvents = { joined: () => undefined, lost: () => undefined };

async function holds(bus: Bus, gatewayId: GatewayId): Promise<void> {
  const held = await bus.holdLease(() => ({ gatewayId, startedAt: 0, draining: false, connections: 0 }));
  expect(held.ok).toBe(true);
}

/** A gateway with `receivers` connections for the subject, which answers `copies` times. */
async function gateway(fixture: Fixture, subject: string, receivers: readonly string[], copies = 1): Promise<Bus> {
  const bus = await fixture.connect();
  const gatewayId = newGatewayId();
  bus.answerReceipts(gatewayId, (asked) => asked === subject && receivers.length > 0);
  if (receivers.length > 0) {
    bus.subscribe(subject, (event: ReceivedEvent) => {
      for (let copy = 0; copy < copies; copy++) {
        bus.sendReceipt(event, { gatewayId, count: receivers.length, connectionIds: receivers });
      }
    });
  }
  await bus.flush();
  await holds(bus, gatewayId);
  return bus;
}

async function publisher(fixture: Fixture, gateways: number): Promise<Bus> {
  const bus = await fixture.connect();
  await bus.watchLeases(quiet);
  await waitFor(() => bus.gateways().length === gateways);
  return bus;
}

onEveryNats('receipts', (fixture) => {
  test('are counted over all gateways, without waiting for the deadline', async () => {
    const subject = sample.subject('counted');
    await gateway(fixture, subject, ['a', 'b']);
    await gateway(fixture, subject, ['c']);
    await gateway(fixture, subject, []);
    const bus = await publisher(fixture, 3);
    const place = bus.receipts(subject);
    await bus.publish(sample, 'counted', { n: 1 }, { messageId: place.subject, receiptsTo: place.subject });
    const startedAt = performance.now();
    const result = await place.settled(5_000);
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect({ ...result, connectionIds: [...result.connectionIds].sort() }).toEqual({
      count: 3,
      connectionIds: ['a', 'b', 'c'],
      incomplete: false,
    });
  });

  test('of one gateway count once, however often it answers', async () => {
    const subject = sample.subject('double');
    const own = await gateway(fixture, subject, ['a', 'b'], 3);
    await own.watchLeases(quiet);
    const place = own.receipts(subject);
    await own.publish(sample, 'double', { n: 1 }, { messageId: place.subject, receiptsTo: place.subject });
    expect(await place.settled(5_000)).toEqual({ count: 2, connectionIds: ['a', 'b'], incomplete: false });
  });

  test('are incomplete when a gateway with receivers does not answer by the deadline', async () => {
    const subject = sample.subject('silent');
    await gateway(fixture, subject, ['a'], 0);
    await gateway(fixture, subject, ['b']);
    const bus = await publisher(fixture, 2);
    const place = bus.receipts(subject);
    await bus.publish(sample, 'silent', { n: 1 }, { messageId: place.subject, receiptsTo: place.subject });
    expect(await place.settled(200)).toEqual({ count: 1, connectionIds: ['b'], incomplete: true });
  });

  test('are not waited for when no gateway is there, and may be cancelled', async () => {
    const bus = await publisher(fixture, 0);
    const place = bus.receipts(sample.subject('nobody'));
    const startedAt = performance.now();
    expect(await place.settled(5_000)).toEqual({ count: 0, connectionIds: [], incomplete: false });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    bus.receipts(sample.subject('nobody')).cancel();
  });

  test('arrive also where the gateways are not known', async () => {
    const subject = sample.subject('unknown');
    await gateway(fixture, subject, ['a']);
    const bus = await fixture.connect();
    const place = bus.receipts(subject);
    await bus.publish(sample, 'unknown', { n: 1 }, { messageId: place.subject, receiptsTo: place.subject });
    expect(await place.settled(300)).toMatchObject({ count: 1, connectionIds: ['a'] });
  });
});
