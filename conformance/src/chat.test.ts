import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Accounts } from './accounts.js';
import { chat } from './chat/suite.js';
import { Client } from './client.js';
import { withToken } from './context.js';
import { Rest } from './rest.js';
import { runSuite, type Result } from './runner.js';
import type { Scenario } from './scenario.js';
import { gaps, rulesOf } from './spec.js';
import { startClusterUnderTest, type ClusterUnderTest } from './testing/cluster-under-test.js';

/** Waits that no test run should take; the command line runs them with `--longest-wait`. */
const TOO_LONG = ['KA2'];
/** Long enough to see a ping after 30 s of silence. */
const TOKEN_SECONDS = 37;

describe('chat', () => {
  it('every rule of SPEC.md is proved by a scenario, or said to be beyond them', () => {
    expect(gaps(chat, rulesOf('chat'))).toEqual({ unproved: [], unknown: [], provedAfterAll: [] });
  });
});

describe('chat, on two gateways', () => {
  let world: ClusterUnderTest;
  const results = new Map<Scenario, Promise<Result>>();

  beforeAll(async () => {
    world = await startClusterUnderTest({ dialect: 'chat', tokenSeconds: TOKEN_SECONDS });
    const running = runSuite(chat, world.settings);
    chat.scenarios.forEach((scenario, index) => {
      const result = running[index];
      if (result !== undefined) results.set(scenario, result);
    });
  });

  afterAll(async () => {
    await world.stop();
  });

  const named = chat.scenarios.map(
    (scenario) => [`${scenario.rules.join(', ')}: ${scenario.title}`, scenario] as const,
  );

  it.each(named)('%s', async (_, scenario) => {
    const verdict = (await results.get(scenario))?.verdict;
    const tooLong = scenario.rules.every((rule) => TOO_LONG.includes(rule));
    if (verdict?.kind === 'failed') expect.fail(`${verdict.message}\n${verdict.frame ?? ''}`);
    expect(verdict?.kind).toBe(tooLong ? 'skipped' : 'passed');
  });

  // It takes the cluster apart, so it comes last.
  it('ER4: a gateway that shuts down closes with 1001, and the other serves on', async () => {
    const { rest = '', url, secondUrl = '' } = world.settings;
    const { token } = await new Accounts(new Rest(rest, undefined), []).borrow(true);
    const clients: Client[] = [];
    for (const one of [url, secondUrl]) {
      const client = await Client.open(withToken(one, token), { background: (message) => chat.background(message) });
      await client.expect({ op: 'DISPATCH', t: 'READY' });
      clients.push(client);
    }
    const [stays, goes] = clients;
    const stopped = world.cluster.process('gateway-2').stop();
    await goes?.expectClose(1001, 15_000);
    await stopped;
    stays?.send({ op: 'HEARTBEAT' });
    await stays?.expect({ op: 'HEARTBEAT_ACK' });
    await stays?.close();
  });
});
