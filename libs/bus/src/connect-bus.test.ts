import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { freePort, startNats, waitFor } from '@parley/testing';
import { describe, expect, test } from 'vitest';
import { connectBus } from './connect-bus.js';
import { Log } from './test/fixture-log.js';
import { onEveryNats, sample } from './test/fixture.js';

const HOUR = 3_600_000;

onEveryNats('the streams', (fixture) => {
  test('are made by many processes at once, as they should be', async () => {
    await Promise.all(Array.from({ length: 8 }, () => fixture.connect()));
    const nc = await connect({ servers: fixture.nats.url });
    const manager = await jetstreamManager(nc);
    const { config } = await manager.streams.info('EVENTS');
    expect(config).toMatchObject({
      subjects: ['in.events.>'],
      storage: 'file',
      max_age: 600e9,
      duplicate_window: 120e9,
      allow_direct: true,
      republish: { src: 'in.events.>', dest: 'evt.>' },
    });
    await nc.close();
  });

  test('are widened when asked to be, and never made smaller by a start', async () => {
    const nc = await connect({ servers: fixture.nats.url });
    const manager = await jetstreamManager(nc);
    const limits = async () => {
      const { config } = await manager.streams.info('TOPICS');
      return [config.max_age / 1e6, config.max_bytes, config.max_msgs_per_subject];
    };
    await fixture.connect({ topics: { maxAgeMs: 2_000 * HOUR, maxPerSubject: 20_000 } });
    expect(await limits()).toEqual([2_000 * HOUR, 1_073_741_824, 20_000]);
    await fixture.connect({ topics: { maxAgeMs: HOUR, maxBytes: 1_000_000, maxPerSubject: 5 } });
    await fixture.connect();
    expect(await limits()).toEqual([2_000 * HOUR, 1_073_741_824, 20_000]);
    await fixture.connect({ topics: { maxAgeMs: 0 } });
    expect(await limits()).toEqual([0, 1_073_741_824, 20_000]);
    await nc.close();
  });
});

describe('a start fails with one clear line', () => {
  const options = { name: 'test', logger: new Log(), connectDeadlineMs: 600 };

  test('where nothing listens', async () => {
    const port = await freePort();
    await expect(connectBus({ ...options, servers: `nats://user:secret@127.0.0.1:${port}` })).rejects.toThrow(
      `NATS at nats://127.0.0.1:${port} cannot be reached within 600 ms: connection refused`,
    );
  });
});

describe('with logins and permissions', () => {
  const config = `authorization { users = [
    { user: "all", password: "x" },
    { user: "some", password: "x", permissions: { subscribe: { deny: "evt.secret.>" }, publish: { deny: "evt.cursor.>" } } }
  ] }`;

  test('a wrong password is told at once; a refused subscription is a fault that stands', async () => {
    const nats = await startNats({ config });
    const log = new Log();
    const options = { servers: nats.url, name: 'test', logger: log, connectDeadlineMs: 5_000 };
    await expect(connectBus({ ...options, user: 'all', password: 'wrong' })).rejects.toThrow(/refuses the login/);
    const bus = await connectBus({ ...options, user: 'some', password: 'x' });
    const faults: string[] = [];
    bus.onFault((fault) => faults.push(`${fault.code}: ${fault.message}`));
    bus.subscribe('evt.secret.x', () => undefined);
    await waitFor(() => faults.length === 1);
    expect(faults).toEqual(['forbidden: NATS refuses subscribing to "evt.secret.x".']);
    expect(bus.faults().length).toBe(1);
    expect(bus.status()).toBe('connected');
    expect(await bus.publish(sample, 'x', { n: 1 }, { messageId: 'm' })).toMatchObject({ ok: true });
    await bus.close();
    await nats.stop();
  });
});
