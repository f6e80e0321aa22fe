import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RUN = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap((one) =>
  ['serious', 'critical'].includes(one.impact) ? one.nodes.map((node) => one.id + ': ' + node.html.slice(0, 200) + ' ' + node.any.map((x) => x.message).join('; ').slice(0, 300)) : []))`;

/** What axe finds serious or critical on the page as it is now: a line for each. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(`typeof axe === 'undefined' && (() => { ${AXE} })()`);
  const found: unknown = await page.evaluate(RUN);
  if (!Array.isArray(found)) throw new Error('axe did not answer');
  return found.map(String);
}

/** By how much the page is wider than its window, px. */
export async function overflow(page: Page): Promise<number> {
  const found: unknown = await page.evaluate(
    'Math.max(document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll("main")].map((one) => one.scrollWidth - one.clientWidth))',
  );
  return Number(found);
}
