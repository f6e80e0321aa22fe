// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Node's instrumentation and Prometheus itself name, as far as dashboards and alerts use it. */
const OTHERS = [
  'http_server_request_duration_seconds',
  'nodejs_eventloop_delay_p99_seconds',
  'nodejs_eventloop_utilization_ratio',
  'process_cpu_time_seconds_total',
  'process_memory_usage_bytes',
  'v8js_gc_duration_seconds',
  'v8js_memory_heap_used_bytes',
  'up',
];

/** The units that become a part of the name, as `libs/telemetry` writes it. */
const SUFFIXES = new Map([
  ['s', 'seconds'],
  ['By', 'bytes'],
]);

/**
 * The names under which Prometheus has what the processes count, from the generated table of metrics.
 * @param {string} root
 * @returns {Set<string>} histograms without `_bucket` and the like
 */
export function metricNames(root) {
  const names = new Set(OTHERS);
  const table = readFileSync(join(root, 'docs', 'generated', 'METRICS.md'), 'utf8');
  for (const [, name = '', kind = '', unit = ''] of table.matchAll(/^\| `([\w.]+)` \| ([^|]+) \| ([^|]+) \|/gm)) {
    const words = name.split(/[._]/);
    const suffix = SUFFIXES.get(unit);
    if (suffix !== undefined && !words.includes(suffix)) words.push(suffix);
    if (kind === 'counter') words.push('total');
    names.add(words.join('_'));
  }
  return names;
}

/** What a query asks for. @param {string} query @returns {string[]} */
export function metricsIn(query) {
  const plain = query
    .replace(/"[^"]*"/g, '""')
    .replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, '')
    .replace(/\{[^}]*\}/g, '');
  const words = plain.match(/[a-z_][a-z0-9_]*(?!\s*\()\b/gi) ?? [];
  return [...new Set(words.filter((word) => /^(parley|nodejs|process|v8js|nats|db|http)_|^up$/.test(word)))].map(
    (word) => word.replace(/_(bucket|sum|count)$/, ''),
  );
}
