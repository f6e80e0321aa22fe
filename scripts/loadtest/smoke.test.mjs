// @ts-check
// Every load test once, with few clients and for a few seconds each: what they check holds, and they can be run.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complain, inOneLine } from '../start/say.mjs';
import { ask } from './ask.mjs';
import { LENIENT, startLoadCluster } from './cluster.mjs';
import { findK6 } from './k6.mjs';
import { QUESTIONS } from './questions.mjs';
import { reportOf } from './report.mjs';

/** A busy machine takes its time; what must come comes all the same. */
const PATIENCE = 20;

/** @type {string | undefined} */
const k6 = await findK6().catch((error) => {
  complain(`The load tests are not tried: ${inOneLine(error)}`);
  return undefined;
});

describe.runIf(k6 !== undefined)('the load tests', () => {
  /** @type {Awaited<ReturnType<typeof startLoadCluster>> | undefined} */
  let load;

  beforeAll(async () => {
    load = await startLoadCluster({ gateways: 2, env: LENIENT, postgres: false });
  });
  afterAll(async () => {
    await load?.stop();
  });

  function startedCluster() {
    if (load === undefined) throw new Error('the cluster did not start');
    return load.cluster;
  }

  // The one that kills a gateway comes last.
  const ordered = QUESTIONS.toSorted((a, b) => Number(a.kills ?? false) - Number(b.kills ?? false));
  test.each(ordered.map((question) => [question.name, question]))('%s', async (name, question) => {
    const cluster = startedCluster();
    const { finished } = await ask(question, {
      k6: k6 ?? '',
      urls: cluster.gateways.map(({ url }) => url),
      settings: { ...question.smoke, PATIENCE },
      killGateway: async (number) => void (await cluster.kill(`gateway-${number}`)),
    });
    expect(finished.passed, reportOf(name, finished).join('\n')).toBe(true);
  });

  test('a threshold that does not hold fails the run', async () => {
    const question = QUESTIONS.find(({ name }) => name === 'party-join');
    if (question === undefined) throw new Error('no such question');
    const { finished } = await ask(question, {
      k6: k6 ?? '',
      urls: [startedCluster().gateway(1).url],
      // p(95) < 0 ms
      settings: { VUS: 2, PATIENCE: '1e-9' },
    });
    expect(finished.passed).toBe(false);
    expect(reportOf('party-join', finished).join('\n')).toContain('✗ parley_join_ms');
  });
});
