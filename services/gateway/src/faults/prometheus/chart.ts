import { compile } from '@parley/contracts';
import { Type } from '@sinclair/typebox';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const chart = fileURLToPath(new URL('../../../../../charts/parley/', import.meta.url));

const dashboardCheck = compile(
  Type.Object({
    title: Type.String(),
    panels: Type.Array(
      Type.Object({
        title: Type.String(),
        targets: Type.Optional(Type.Array(Type.Object({ refId: Type.String(), expr: Type.String() }))),
      }),
    ),
  }),
);

export interface PanelQuery {
  /** `Parley: OT / Commits / A` */
  readonly where: string;
  readonly expr: string;
}

export function panelQueries(): PanelQuery[] {
  return readdirSync(`${chart}dashboards`).flatMap((file) => {
    const dashboard: unknown = JSON.parse(readFileSync(`${chart}dashboards/${file}`, 'utf8'));
    if (!dashboardCheck.is(dashboard)) throw new Error(`${file} is no dashboard`);
    return dashboard.panels.flatMap((panel) =>
      (panel.targets ?? []).map(({ refId, expr }) => ({
        where: `${dashboard.title} / ${panel.title} / ${refId}`,
        expr,
      })),
    );
  });
}

/** The rule file, as it is shipped. */
export function alertRules(): string {
  return readFileSync(`${chart}files/alerts.yaml`, 'utf8');
}

/**
 * The same rules on a clock that runs faster, for a test that cannot wait: what has to last minutes lasts a second here,
 * minutes that are counted over are ten seconds, and hours are two minutes. Expressions, thresholds and labels stay as
 * they are. That the real times do what they should is for promtool (scripts/charts/alerts.test.mjs).
 */
export function hurriedRules(): string {
  return alertRules()
    .replace(/^( *for:) \d+[mh]$/gm, '$1 1s')
    .replace(/\[\d+h\]/g, '[120s]')
    .replace(/\[\d+m\]/g, '[10s]');
}
