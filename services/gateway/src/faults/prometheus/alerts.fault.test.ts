import {
  freePort,
  openDatabase,
  startCluster,
  waitFor,
  type Cluster,
  type ClusterGateway,
  type DatabaseSession,
} from '@parley/testing';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { roomy } from '../load.js';
import { call, register, type Person } from '../people.js';
import { TopicsClient } from '../topics-client.js';
import { hurriedRules } from './chart.js';
import { Everything } from './everything.js';
import { Prometheus, prometheusBinary, type Alert } from './prometheus.js';

/** Each alert of the chart, by what it warns of. */
const FIRES_MS = 60_000;
const SERVICES = ['auth', 'presence', 'messaging', 'signaling', 'rooms', 'session'];
const STORM = 700;
/** Of which gateway-2 lets so many in. */
const PER_ADDRESS = 50;

let cluster: Cluster;
let prometheus: Prometheus;
let database: DatabaseSession;
let everything: Everything;
let person: Person;
const fired = new Set<string>();
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  if (prometheusBinary() === undefined) return;
  // Fixed, so that a process that comes back is scraped where it was.
  const names = [...SERVICES, 'gateway-1', 'gateway-2'];
  const ports = new Map(await Promise.all(names.map(async (name) => [name, String(await freePort())] as const)));
  const env = (name: string): Record<string, string> => ({ PARLEY_METRICS_PORT: ports.get(name) ?? '' });
  cluster = await startCluster({
    gateways: 2,
    env: {
      ...roomy,
      PARLEY_CANARY_MS: '500',
      PARLEY_GATEWAY_OUTBOX_HARD_BYTES: '1048576',
      PARLEY_BYTES_PER_SECOND: '100000000',
      PARLEY_BYTE_BURST: '100000000',
    },
    envOf: {
      ...Object.fromEntries(names.map((name) => [name, env(name)])),
      auth: { ...env('auth'), PARLEY_DATABASE_POOL: '2' },
      'gateway-2': { ...env('gateway-2'), PARLEY_GATEWAY_CONNECTIONS_PER_ADDRESS_MAX: String(PER_ADDRESS) },
    },
  });
  ends.push(() => cluster.stop());
  prometheus = await Prometheus.start(
    [...ports.values()].map((port) => `127.0.0.1:${port}`),
    hurriedRules(),
  );
  ends.push(() => prometheus.stop());
  database = await openDatabase(cluster.databaseUrl);
  ends.push(() => database.close());
  everything = await Everything.open(cluster);
  ends.push(() => everything.close());
  person = await register(cluster.gateway(1).url);
  const everyone = async (): Promise<boolean> =>
    (await prometheus.query('up == 1')).length === names.length &&
    (await prometheus.query('parley_ready == 1')).length === names.length;
  await waitFor(everyone, 'everybody to be scraped', FIRES_MS);
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** Waits until it fires, with this about whom it concerns. */
async function fires(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  const isIt = (alert: Alert): boolean =>
    alert.name === name && Object.entries(labels).every(([label, value]) => alert.labels[label] === value);
  const alert = await waitFor(async () => (await prometheus.firing()).find(isIt), `${name} to fire`, FIRES_MS);
  expect(alert.annotations['summary']).not.toMatch(/\{\{|<no value>|error/);
  fired.add(name);
}

describe.skipIf(prometheusBinary() === undefined)('when', { timeout: 300_000 }, () => {
  test('nothing is wrong, none fires', async () => {
    await waitFor(async () => (await prometheus.firing()).length === 0, 'quiet', FIRES_MS);
  });

  test('too many come at once, some of them in vain', async () => {
    const sockets = [
      ...(await crowd(cluster.gateway(1), STORM)),
      ...(await crowd(cluster.gateway(2), 2 * PER_ADDRESS)),
    ];
    await Promise.all([fires('ParleyReconnectStorm'), fires('ParleyHandshakesRefused')]);
    for (const socket of sockets) socket.terminate();
  });

  test('clients do not read', async () => {
    const reading = everything.slowReaders(16);
    await fires('ParleySlowReaders', { dialect: 'topics' });
    await reading;
  });

  test('a lock in Postgres holds everybody up', async () => {
    await database.run('BEGIN');
    await database.run('LOCK TABLE auth.users IN ACCESS EXCLUSIVE MODE');
    const { url } = cluster.gateway(1);
    const logIn = () => call('POST', `${url}/auth/login`, '', { username: person.username, password: 'anything' });
    const logins = Promise.allSettled(Array.from({ length: 12 }, logIn));
    await fires('ParleyDatabasePoolExhausted', { service_name: 'auth' });
    await database.run('ROLLBACK');
    await logins;
  });

  test('a gateway has no time', async () => {
    const [speaker, listener] = [await topics(1), await topics(2)];
    await listener.subscribe(['late']);
    const stalled = stall(cluster.gateway(2));
    const speaking = repeat(100, () => speaker.ask('Broadcast', { topic: 'late', payload: 'Hello.' }));
    await Promise.all([fires('ParleyEventLoopSlow', { service_name: 'gateway' }), fires('ParleyDeliverySlow')]);
    await speaking.stop();
    await stalled.stop();
  });

  test('a service is gone', async () => {
    await cluster.kill('rooms');
    const asking = repeat(50, () => call('GET', `${cluster.gateway(1).url}/rooms`, person.token));
    await Promise.all([
      fires('ParleyProcessDown'),
      fires('ParleyShardsNotServed', { service_name: 'rooms' }),
      fires('ParleyRequestsFail'),
    ]);
    await asking.stop();
    await cluster.restart('rooms');
  });

  test('NATS does not answer', async () => {
    const { process: nats } = cluster.nats;
    nats.signal('SIGSTOP');
    await Promise.all([fires('ParleyNatsFault', { code: 'unavailable' }), fires('ParleyPublishFails')]);
    nats.signal('SIGCONT');
  });

  test('NATS is gone, while more is committed', async () => {
    await cluster.nats.kill();
    await database.run(
      `INSERT INTO messaging.outbox (shard, subject, data, message_id)
       SELECT 1, 'in.server.alerts', '{}', 'alert-' || n FROM generate_series(1, 1500) AS n`,
    );
    await Promise.all([
      fires('ParleyNoReadyGateway'),
      fires('ParleyNotReady', { service_name: 'gateway' }),
      fires('ParleyOutboxWaits', { service_name: 'messaging' }),
    ]);
    await database.run(`DELETE FROM messaging.outbox WHERE message_id LIKE 'alert-%'`);
    // And what it had stored as well.
    const { storeDir } = cluster.nats;
    for (const name of await readdir(storeDir)) await rm(join(storeDir, name), { recursive: true });
    for (let time = 1; time <= 4; time++) {
      await cluster.nats.restart();
      await waitFor(
        async () => (await fetch(`${cluster.gateway(1).probesUrl}/readyz`)).ok,
        'a gateway again',
        FIRES_MS,
      );
    }
    await Promise.all([fires('ParleyNatsReconnects', { service_name: 'gateway' }), fires('ParleyEventsLost')]);
  });

  test('all of it has happened, every alert has fired', async () => {
    const rules = await prometheus.rules();
    expect(rules.map(({ name }) => name).toSorted()).toEqual([...fired].toSorted());
  });
});

async function topics(gateway: number): Promise<TopicsClient> {
  const client = await TopicsClient.connect(cluster.gateway(gateway).wsUrl, person.token);
  ends.push(() => {
    client.ws.terminate();
  });
  return client;
}

/** Sockets that are let in or not, and say nothing. */
async function crowd({ wsUrl }: ClusterGateway, number: number): Promise<WebSocket[]> {
  const sockets = Array.from({ length: number }, () => new WebSocket(`${wsUrl}/ws/party`));
  const settled = (socket: WebSocket): Promise<unknown> =>
    new Promise((resolve) => {
      for (const event of ['open', 'error']) socket.once(event, resolve);
    });
  await Promise.all(sockets.map(settled));
  for (const socket of sockets) socket.on('error', () => undefined);
  return sockets;
}

/** Does it every so many ms, whatever comes of it, until stopped. */
function repeat(ms: number, work: () => Promise<unknown>): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const under = new Set<Promise<unknown>>();
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      const one = work().catch(() => undefined);
      under.add(one);
      void one.then(() => under.delete(one));
      await sleep(ms);
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await loop;
      await Promise.all(under);
    },
  };
}

/** Takes the processor away from it for the most part. */
function stall({ child }: ClusterGateway): { stop(): Promise<void> } {
  return repeat(800, async () => {
    child.signal('SIGSTOP');
    await sleep(600);
    child.signal('SIGCONT');
  });
}
