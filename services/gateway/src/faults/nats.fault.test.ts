import { natsBinaries, road, startCluster, startNats, waitFor, type Cluster } from '@parley/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { confirmedOn, expectOnceAndInOrder, expectOrderOf, hasAll, Load, roomy } from './load.js';
import { register } from './people.js';
import { TopicsClient } from './topics-client.js';

const TOPICS = ['load.a', 'load.b'];
const KILLS = 2;
const UNDER_WAY = 250;

let cluster: Cluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

describe.each(await natsBinaries())('nats-server $version', ({ path }) => {
  test('killed and restarted under load: each acknowledged broadcast once and in order, on every socket', async () => {
    cluster = await startCluster({ gateways: 2, natsBin: path, env: roomy });
    const { nats, gateways } = cluster;
    const [one, two] = [cluster.gateway(1), cluster.gateway(2)];
    const person = await register(one.url);
    const connect = (gateway: { readonly wsUrl: string }) => TopicsClient.connect(gateway.wsUrl, person.token);

    const exact = await Promise.all(gateways.map(connect));
    const wide = await Promise.all(gateways.map(connect));
    const overlapping = await connect(two);
    for (const client of exact) await client.subscribe(['load.a']);
    for (const client of wide) await client.subscribe(['load.*']);
    await overlapping.subscribe(['load.a', 'load.>']);

    const plain = [
      new Load(await connect(one), { name: 'one', topics: TOPICS, window: 8 }),
      new Load(await connect(two), { name: 'two', topics: TOPICS, window: 8 }),
    ];
    const insisting = new Load(await connect(one), { name: 'insists', topics: TOPICS, window: 1, insist: true });
    const loads = [...plain, insisting];
    const progress = async (what: string): Promise<void> => {
      const goals = loads.map((load) => ({ load, goal: load.count + (load === insisting ? 10 : UNDER_WAY) }));
      await waitFor(() => goals.every(({ load, goal }) => load.count >= goal), what, 30_000);
    };

    await progress('publishing under way');
    for (let kill = 1; kill <= KILLS; kill++) {
      await nats.kill('SIGKILL');
      await nats.restart();
      await progress(`publishing after restart ${String(kill)}`);
    }
    await Promise.all(loads.map((load) => load.stop()));

    const onA = confirmedOn(loads, ['load.a']);
    const onBoth = confirmedOn(loads, TOPICS);
    for (const client of exact) await waitFor(() => hasAll(client.broadcasts, onA), 'all of load.a', 20_000);
    for (const client of [...wide, overlapping]) {
      await waitFor(() => hasAll(client.broadcasts, onBoth), 'all of both topics', 20_000);
    }
    for (const client of [...exact, ...wide, overlapping]) {
      expectOnceAndInOrder(client.broadcasts);
      for (const load of plain) expectOrderOf(load, 'load.a', client.broadcasts);
      expect(client.open, 'its client noticed nothing').toBe(true);
    }
    for (const load of loads) expect([...load.refused.keys()].filter((code) => code !== 503)).toEqual([]);
  }, 120_000);
});

test('a gateway that is cut off from NATS for a while gives its sockets what it missed, in order, before what is newer', async () => {
  const nats = await startNats();
  const link = await road(nats.port);
  try {
    cluster = await startCluster({
      gateways: 2,
      natsUrl: nats.url,
      env: roomy,
      envOf: { 'gateway-2': { PARLEY_NATS_URL: `nats://127.0.0.1:${String(link.port)}` } },
    });
    const person = await register(cluster.gateway(1).url);
    const publisher = await TopicsClient.connect(cluster.gateway(1).wsUrl, person.token);
    const near = await TopicsClient.connect(cluster.gateway(1).wsUrl, person.token);
    const cutOff = [
      await TopicsClient.connect(cluster.gateway(2).wsUrl, person.token),
      await TopicsClient.connect(cluster.gateway(2).wsUrl, person.token),
    ];
    for (const client of [near, ...cutOff]) await client.subscribe(client === cutOff[1] ? ['load.>'] : TOPICS);
    const load = new Load(publisher, { name: 'cut', topics: TOPICS, window: 8 });
    for (let cut = 1; cut <= 3; cut++) {
      const before = load.count;
      await waitFor(() => load.count >= before + 200, 'publishing before the cut', 20_000);
      link.cut();
      const atCut = load.count;
      await waitFor(() => load.count >= atCut + 200, 'publishing behind its back', 20_000);
      link.mend();
    }
    await load.stop();
    const all = confirmedOn([load], TOPICS);
    for (const client of [near, ...cutOff]) {
      await waitFor(() => hasAll(client.broadcasts, all), 'everything', 20_000);
      expectOnceAndInOrder(client.broadcasts);
      for (const topic of TOPICS) expectOrderOf(load, topic, client.broadcasts);
      expect(client.open).toBe(true);
    }
    expect([...load.refused]).toEqual([]);
  } finally {
    await cluster?.stop();
    await link.close();
    await nats.stop();
  }
});
