import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    world = await startClusterUnderTest();
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

  const named = topics.scenarios.map((scenario) => [`${scenario.rules.join(', ')}: ${scenario.title}`, scenario] as const);

  it.each(named)('%s', async (_, scenario) => {
    const verdict = (await results.get(scenario))?.verdict;
    const tooLong = scenario.rules.every((rule) => TOO_LONG.includes(rule));
    if (verdict?.kind === 'failed') expect.fail(verdict.message);
    expect(verdict?.kind).toBe(tooLong ? 'skipped' : 'passed');
  });
});
