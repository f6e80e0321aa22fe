// @ts-check
// Three gateways behind HAProxy, each restarted in turn and one killed, with few clients: `npm run loadtest -- scale` has more.
import { describe, expect, test } from 'vitest';
import { complain, inOneLine } from '../start/say.mjs';
import { findHaproxy } from './balancer.mjs';
import { findK6 } from './k6.mjs';
import { runScale } from './scale.mjs';

const k6 = await findK6().catch((error) => {
  complain(`Gateways behind a load balancer are not tried: ${inOneLine(error)}`);
  return undefined;
});
const haproxy = k6 === undefined ? undefined : await findHaproxy();
if (k6 !== undefined && haproxy === undefined) {
  complain('Gateways behind a load balancer are not tried: there is no haproxy, and it cannot be installed');
}

describe.runIf(haproxy !== undefined)('three gateways behind a load balancer', () => {
  test('nothing acknowledged is lost, and everybody is back, while each is restarted and one is killed', async () => {
    /** @type {string[]} */
    const lines = [];
    const tell = (/** @type {string} */ line) => void lines.push(line);
    const passed = await runScale({ k6: k6 ?? '', settings: { PATIENCE: 20 }, smoke: true, postgres: false, tell });
    expect(passed, lines.join('\n')).toBe(true);
    const text = lines.join('\n');
    // Draining says 1001, a process that was killed says nothing.
    for (const number of [1, 2, 3]) expect(text).toContain(`gateway ${number} is restarted: `);
    expect(text).toMatch(/closed with 1001 \(\d+\)/);
    expect(text).toMatch(/gateway 2 is killed: \d+ came back/);
  }, 300_000);
});
