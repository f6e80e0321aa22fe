import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Accounts } from './accounts.js';
import { Client } from './client.js';
import { withToken } from './context.js';
import { Rest } from './rest.js';
import { runSuite, type Result } from './runner.js';
import type { Scenario } from './scenario.js';
import { gaps, rulesOf } from './spec.js';
import { startClusterUnderTest, type ClusterUnderTest } from './testing/cluster-under-test.js';
import { topics } from './topics/suite.js';

/** Waits that no test run should take; the command line runs them with `--longest-wait`. */
const TOO_LONG = ['KA2'];

describe('topics', () => {
  it('every rule of SPEC.md is proved by a scenario, or said to be beyond them', () => {
    expect(gaps(topics, rulesOf('topics'))).toEqual({ unproved: [], unknown: [], provedAfterAll: [] });
  });
});

describe('topics, on two gateways', () => {
  let world: ClusterUnderTest;
  const results = new Map<Scenario, Promise<Result>>();

  beforeAll(async () => {
    world = await startClusterUnderTest({ dialect: 'topics', tokenSeconds: 34 });
    // All at once, since some wait long; each test then looks at its own.
    const running = runSuite(topics, world.settings);
    topics.scenarios.forEach((scenario, index) => {
      const result = running[index];
      if (result !== undefined) results.set(scenario, result);
    });
  });

  afterAll(async () => {
    await world.stop();
  });

  const named = topics.scenarios.map(
    (scenario) => [`${scenario.rules.join(', ')}: ${scenario.title}`, scenario] as const,
  );

  it.each(named)('%s', async (_, scenario) => {
    const verdict = (await results.get(scenario))?.verdict;
    const tooLong = scenario.rules.every((rule) => TOO_LONG.includes(rule));
    if (verdict?.kind === 'failed') expect.fail(verdict.message);
    expect(verdict?.kind).toBe(tooLong ? 'skipped' : 'passed');
  });

  // What follows takes the cluster apart, so it comes last.
  const enterAnew = async (gateway: 1 | 2): Promise<Client> => {
    const { rest = '', url, secondUrl = '' } = world.settings;
    const { token } = await new Accounts(new Rest(rest, undefined), []).borrow(true);
    const background = (message: unknown): boolean => topics.background(message);
    const client = await Client.open(withToken(gateway === 1 ? url : secondUrl, token), { background });
    await client.expect({ type: 'Status', data: { status: 'connected' } });
    return client;
  };

  it('ER8: a gateway that shuts down closes with 1001', async () => {
    const [client, elsewhere] = [await enterAnew(2), await enterAnew(1)];
    const stopped = world.cluster.process('gateway-2').stop();
    await client.expectClose(1001, 15_000);
    await stopped;
    elsewhere.send({ type: 'Ping', data: { timestamp: 1 } });
    await elsewhere.expect({ type: 'Pong', data: { timestamp: 1 } });
    await elsewhere.close();
  });

  it('ER6: a service that does not answer makes Error 503, and the connection goes on', async () => {
    const client = await enterAnew(1);
    await world.cluster.kill('messaging');
    const refused = { type: 'Error', data: { code: 503, details: { message_id: 'm1' } } };
    client.send({ type: 'Broadcast', data: { topic: 'a', payload: 1 }, id: 'm1' });
    await client.expect(refused, 20_000);
    client.send({ type: 'Subscribe', data: { topics: ['a'] }, id: 'm1' });
    await client.expect(refused, 20_000);
    client.send({ type: 'Ping', data: { timestamp: 1 } });
    await client.expect({ type: 'Pong', data: { timestamp: 1 } });
    await client.close();
  });
});
