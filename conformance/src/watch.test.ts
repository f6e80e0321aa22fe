import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Accounts } from './accounts.js';
import { Context } from './context.js';
import { Rest } from './rest.js';
import { runSuite, type Result } from './runner.js';
import type { Scenario } from './scenario.js';
import { gaps, rulesOf } from './spec.js';
import { startClusterUnderTest, type ClusterUnderTest } from './testing/cluster-under-test.js';
import { answered, begin, connectDevice, connectViewer, makeDevice, negotiate, passes } from './watch/steps.js';
import { watch } from './watch/suite.js';

/** Waits that no test run should take; the command line runs them with `--longest-wait`. */
const TOO_LONG = ['FM4'];
/** Short enough to see a token expire, longer than a session waits for its answer. */
const TOKEN_SECONDS = 44;

describe('watch', () => {
  it('every rule of SPEC.md is proved by a scenario, or said to be beyond them', () => {
    expect(gaps(watch, rulesOf('watch'))).toEqual({ unproved: [], unknown: [], provedAfterAll: [] });
  });
});

describe('watch, on two gateways', () => {
  let world: ClusterUnderTest;
  const results = new Map<Scenario, Promise<Result>>();

  beforeAll(async () => {
    world = await startClusterUnderTest({ dialect: 'watch', tokenSeconds: TOKEN_SECONDS });
    const running = runSuite(watch, world.settings);
    watch.scenarios.forEach((scenario, index) => {
      const result = running[index];
      if (result !== undefined) results.set(scenario, result);
    });
  });

  afterAll(async () => {
    await world.stop();
  });

  const named = watch.scenarios.map(
    (scenario) => [`${scenario.rules.join(', ')}: ${scenario.title}`, scenario] as const,
  );

  it.each(named)('%s', async (_, scenario) => {
    const verdict = (await results.get(scenario))?.verdict;
    const tooLong = scenario.rules.every((rule) => TOO_LONG.includes(rule));
    if (verdict?.kind === 'failed') expect.fail(`${verdict.message}\n${verdict.frame ?? ''}`);
    expect(verdict?.kind).toBe(tooLong ? 'skipped' : 'passed');
  });

  // It takes the cluster apart, so it comes last.
  it('FM8, WT7: a gateway that shuts down closes with 1001; who was there goes on by the other', async () => {
    const rest = new Rest(world.settings.rest ?? '', undefined);
    const background = (message: unknown): boolean => watch.background(message);
    const context = new Context({ settings: world.settings, accounts: new Accounts(rest, []), rest, background });
    const { device, sessionId, user, viewer } = await answered(context);
    const far = await makeDevice(context, user);
    const goes = await connectDevice(context, far, { gateway: 2 });
    const farId = await begin(viewer, goes, far, user);
    await negotiate({ sessionId: farId, device: goes, viewer });
    const stopped = world.cluster.process('gateway-2').stop();
    await Promise.all([viewer, goes].map((client) => client.expectClose(1001, 15_000)));
    const [back, again] = [await connectViewer(context, user), await connectDevice(context, far)];
    await passes({ sessionId, device, viewer: back });
    await passes({ sessionId: farId, device: again, viewer: back });
    await stopped;
    await context.end();
  });
});
