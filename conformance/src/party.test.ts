import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './client.js';
import { at } from './match.js';
import { joining, message, welcomed, type Member } from './party/steps.js';
import { party } from './party/suite.js';
import { Rest } from './rest.js';
import { runSuite, type Result } from './runner.js';
import type { Scenario } from './scenario.js';
import { gaps, rulesOf } from './spec.js';
import { startClusterUnderTest, type ClusterUnderTest } from './testing/cluster-under-test.js';

/** Short enough to see a token expire. */
const TOKEN_SECONDS = 37;

describe('party', () => {
  it('every rule of SPEC.md is proved by a scenario, or said to be beyond them', () => {
    expect(gaps(party, rulesOf('party'))).toEqual({ unproved: [], unknown: [], provedAfterAll: [] });
  });
});

describe('party, on two gateways', () => {
  let world: ClusterUnderTest;
  const results = new Map<Scenario, Promise<Result>>();

  beforeAll(async () => {
    world = await startClusterUnderTest({ dialect: 'party', tokenSeconds: TOKEN_SECONDS });
    const running = runSuite(party, world.settings);
    party.scenarios.forEach((scenario, index) => {
      const result = running[index];
      if (result !== undefined) results.set(scenario, result);
    });
  });

  afterAll(async () => {
    await world.stop();
  });

  const named = party.scenarios.map(
    (scenario) => [`${scenario.rules.join(', ')}: ${scenario.title}`, scenario] as const,
  );

  it.each(named)('%s', async (_, scenario) => {
    const verdict = (await results.get(scenario))?.verdict;
    if (verdict?.kind === 'failed') expect.fail(`${verdict.message}\n${verdict.frame ?? ''}`);
    expect(verdict?.kind).toBe('passed');
  });

  // It takes the cluster apart, so it comes last.
  it('MS11, FM6: a gateway that shuts down closes with 1001; its members have their places back on the other', async () => {
    const { rest: base = '', url, secondUrl = '' } = world.settings;
    const made = await new Rest(base, undefined).expect('POST', '/sessions', 201, { body: { name: 'A party' } });
    const sessionId = String(at(made, 'id'));
    const join = async (where: string, deviceId: string): Promise<Member> => {
      const client = await Client.open(where);
      client.send(joining(sessionId, deviceId));
      return welcomed(client, deviceId);
    };
    const stays = await join(url, 'stays');
    const goes = await join(secondUrl, 'goes');
    const stopped = world.cluster.process('gateway-2').stop();
    expect((await goes.client.ended(15_000)).closed.code).toBe(1001);
    const again = await join(url, 'goes');
    expect(again.id).toBe(goes.id);
    await stopped;
    stays.client.send({ type: 'ping', timestamp: 1 });
    await stays.client.eventually({ type: 'pong', timestamp: 1 });
    for (const { client } of [stays, again]) {
      client.send(message('leave'));
      await client.ended();
    }
  });
});
