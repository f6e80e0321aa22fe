import { waitFor } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roomy } from '../load.js';
import { alertRules, panelQueries } from './chart.js';
import { Everything } from './everything.js';
import { NpmStart } from './npm-start.js';
import { Prometheus, prometheusBinary, type Rule } from './prometheus.js';

/** Grafana takes four scrapes at least; here it is long enough to reach back to whatever was done once. */
const RATE_INTERVAL = '60s';
/** Longer than a publication may wait for its acknowledgment, and than the bus may be behind. */
const HELD_MS = 6_000;
const SCRAPED_MS = 15_000;

let cluster: NpmStart;
let prometheus: Prometheus;
const ends: (() => Promise<unknown>)[] = [];

/** Nothing but what somebody runs who has read the first page, under load, and with what goes wrong now and then. */
beforeAll(async () => {
  if (prometheusBinary() === undefined) return;
  cluster = await NpmStart.begin({
    ...roomy,
    PARLEY_GATEWAY_OUTBOX_HARD_BYTES: '1048576',
    PARLEY_BYTES_PER_SECOND: '100000000',
    PARLEY_BYTE_BURST: '100000000',
    PARLEY_CANARY_MS: '500',
  });
  ends.push(() => cluster.stop());
  prometheus = await Prometheus.start(cluster.targets, alertRules());
  ends.push(() => prometheus.stop());
  const everything = await Everything.open(cluster);
  ends.push(() => everything.close());
  await everything.everyday();
  await Promise.all([everything.slowReaders(2), everything.refusals()]);
  const chatter = await everything.chatter();
  await cluster.hold('nats', HELD_MS);
  await cluster.kill('nats');
  await chatter.stop();
  await everything.everyday();
}, 240_000);
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
}, 60_000);

describe.skipIf(prometheusBinary() === undefined)('Prometheus, asking npm start', () => {
  // Where a panel shows 0 for what has not happened, it has happened here: `or vector(0)` would hide a misspelt name.
  test.each(panelQueries())('$where', async ({ expr }) => {
    const query = expr.replaceAll('$__rate_interval', RATE_INTERVAL).replaceAll(' or vector(0)', '');
    expect(query).not.toContain('$');
    const hasData = async (): Promise<boolean> =>
      (await prometheus.query(query)).some(({ value }) => Number.isFinite(value));
    await waitFor(hasData, `data of ${query}`, SCRAPED_MS);
  });

  test('evaluates every alert, and has whatever they ask for', async () => {
    const evaluated = async (): Promise<Rule[] | undefined> => {
      const rules = await prometheus.rules();
      return rules.every(({ health }) => health !== 'unknown') ? rules : undefined;
    };
    const rules = await waitFor(evaluated, 'the rules to be evaluated', SCRAPED_MS);
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    const names = await prometheus.metricNames();
    const asked = rules.flatMap(({ query }) => query.match(/\b(?:up\b|(?:parley|nodejs|process|v8js)_\w+)/g) ?? []);
    expect(asked.length).toBeGreaterThanOrEqual(rules.length);
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
  });
});
