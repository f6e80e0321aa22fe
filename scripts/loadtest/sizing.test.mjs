// @ts-check
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { COSTS, gatewaysFor, HEADROOM, hearingOf, millionTable, predict } from './sizing-model.mjs';

const page = readFileSync(join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'docs', 'sizing.md'), 'utf8');

const nothing = { connections: 0, gateways: 1, loginsPerSecond: 0, eventsPerSecond: 0, receivers: 0, hearing: 0 };

describe('the sizing model', () => {
  test('adds up what each thing costs', () => {
    expect(predict(nothing).gatewayCores).toBeCloseTo(COSTS.gatewayAnywayUs / 1e6);
    expect(predict({ ...nothing, connections: 1_024, gateways: 2 }).gatewayMiB).toBeCloseTo(
      COSTS.gatewayBaseMiB + COSTS.connectionKiB / 2,
    );
    const busy = predict({ ...nothing, eventsPerSecond: 10, receivers: 100, hearing: 1 });
    expect(busy.deliveriesPerSecond).toBe(1_000);
    const costs = COSTS.gatewayAnywayUs + 10 * COSTS.eventGatewayUs + 1_000 * COSTS.deliveryUs;
    expect(busy.gatewayCores).toBeCloseTo(costs / 1e6);
  });

  test('few receivers are on few gateways, many on all', () => {
    expect(hearingOf(1)(50)).toBeCloseTo(1);
    expect(hearingOf(10_000)(50)).toBeCloseTo(50);
  });

  test('takes more gateways where connections leave a core too busy', () => {
    const load = { connections: 10_000, loginsPerSecond: 0, eventsPerSecond: 1_000, receivers: 500 };
    const hearing = hearingOf(500);
    const gateways = gatewaysFor(load, { connectionsPerGateway: 10_000, hearing });
    expect(gateways).toBeGreaterThan(1);
    expect(predict({ ...load, gateways, hearing: hearing(gateways) }).gatewayCores).toBeLessThanOrEqual(HEADROOM);
  });

  test('is what docs/sizing.md says', () => {
    for (const line of millionTable()) expect(page).toContain(line);
    for (const [name, value] of Object.entries(COSTS)) {
      expect(page, name).toContain(`| \`${name}\` | ${value.toLocaleString('en')} |`);
    }
  });
});
