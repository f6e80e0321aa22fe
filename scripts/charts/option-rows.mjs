// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{env: string, value: string, doc: string}} OptionRow `value` such as `integer, 1 to 600` */

/** Set by the chart itself, from values of their own. */
const BY_CHART = new Set([
  'PARLEY_NATS_URL',
  'PARLEY_NATS_USER',
  'PARLEY_NATS_REPLICAS',
  'PARLEY_METRICS_PORT',
  'PARLEY_METRICS_HOST',
  'PARLEY_LOG_LEVEL',
  'PARLEY_TRACE_SAMPLE_RATIO',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'PARLEY_SHUTDOWN_SECONDS',
  'PARLEY_DRAIN_SECONDS',
  'PARLEY_VERSION',
  'PARLEY_ANNOUNCE',
  'PARLEY_DATABASE_URL',
  'PARLEY_API_KEYS',
  'PARLEY_GATEWAY_PORTS',
  'PARLEY_GATEWAY_HOST',
]);

const EVERY = 'Every process';
const DATABASE = 'Services with a database (all but the gateway)';

/**
 * The options of a process that values may set, by the page that is generated from the code. Secrets are none of them: they
 * belong into a Secret.
 * @param {string} root
 * @param {string} service
 * @returns {OptionRow[]}
 */
export function optionRows(root, service) {
  const page = readFileSync(join(root, 'docs', 'generated', 'OPTIONS.md'), 'utf8');
  const sections = service === 'gateway' ? [EVERY, service] : [EVERY, DATABASE, service];
  return page.split(/^## /m).flatMap((section) => {
    const [title = '', ...lines] = section.split('\n');
    if (!sections.includes(title.trim())) return [];
    return lines.flatMap((line) => {
      const [, env, value, , doc] = /^\| `([A-Z_]+)` \| (.*?) \| (.*?) \| (.*) \|$/.exec(line) ?? [];
      if (env === undefined || value === undefined || value === 'secret' || BY_CHART.has(env)) return [];
      return [{ env, value, doc: doc ?? '' }];
    });
  });
}
