// @ts-check
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { metricNames, metricsIn } from './metric-names.mjs';
import { chart, root } from './tools.mjs';

const known = metricNames(root);
const files = readdirSync(join(chart, 'dashboards'));
/** @param {string} file */
const load = (file) => JSON.parse(readFileSync(join(chart, 'dashboards', file), 'utf8'));

test('there are the six', () => {
  expect(files.sort()).toEqual([
    'gateways.json',
    'nats-postgres.json',
    'ot.json',
    'overview.json',
    'services.json',
    'signaling-sessions.json',
  ]);
  expect(new Set(files.map((file) => load(file).uid)).size).toBe(6);
});

describe.each(files)('%s', (file) => {
  const { panels } = load(file);

  test('has panels that do not overlap, each with an id of its own', () => {
    expect(new Set(panels.map((/** @type {any} */ { id }) => id)).size).toBe(panels.length);
    const taken = new Set();
    for (const { gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x},${y}`)).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
    }
  });

  test('asks only for metrics that there are, of the data source that is chosen', () => {
    for (const { type, targets = [], datasource, fieldConfig, title } of panels) {
      if (type === 'row') continue;
      expect(datasource.uid).toBe('${datasource}');
      expect(fieldConfig.defaults.unit).toBeTruthy();
      expect(targets.length).toBeGreaterThan(0);
      for (const { expr } of targets) {
        expect(metricsIn(expr).length, `${title}: ${expr}`).toBeGreaterThan(0);
        expect(
          metricsIn(expr).filter((name) => !known.has(name)),
          title,
        ).toEqual([]);
      }
    }
  });
});

describe('alerts', () => {
  const { groups } = parse(readFileSync(join(chart, 'files', 'alerts.yaml'), 'utf8'));
  /** @type {any[]} */
  const rules = groups.flatMap((/** @type {any} */ group) => group.rules);
  const runbooks = readFileSync(join(root, 'docs', 'operations.md'), 'utf8');
  const sections = [...runbooks.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase());

  test.each(rules)('$alert', ({ alert: name, expr, labels, annotations }) => {
    expect(metricsIn(expr).filter((metric) => !known.has(metric))).toEqual([]);
    expect(labels.severity).toMatch(/^(critical|warning)$/);
    expect(annotations.summary).toBeTruthy();
    expect(annotations.runbook_url).toBe(`docs/operations.md#${name.toLowerCase()}`);
    expect(sections, 'its runbook').toContain(name.toLowerCase());
  });
});
