// @ts-check
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What Node's instrumentation and Prometheus itself name, as far as dashboards and alerts use it. */
const OTHERS = [
  'nodejs_eventloop_delay_p99_seconds',
  'nodejs_eventloop_utilization_ratio',
  'process_cpu_time_seconds_total',
  'process_memory_usage_bytes',
  'v8js_gc_duration_seconds',
  'v8js_memory_heap_used_bytes',
  'up',
];

/**
 * The names under which Prometheus has what the sources count, as `libs/telemetry` writes them.
 * @param {string} root
 * @returns {Set<string>} histograms without `_bucket` and the like
 */
export function metricNames(root) {
  const names = new Set(OTHERS);
  for (const file of ['libs', 'services'].flatMap((folder) => sources(join(root, folder)))) {
    const text = readFileSync(file, 'utf8');
    for (const [, name = ''] of text.matchAll(/'(parley(?:\.[a-z_]+)+)'/g)) {
      const base = name.replaceAll('.', '_');
      // The unit stands in the options beside the name, or in a helper; any of the suffixes will do.
      for (const unit of ['', '_seconds', '_bytes']) {
        names.add(base + unit);
        names.add(`${base}${unit}_total`);
      }
    }
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

/** @param {string} folder @returns {string[]} */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ['node_modules', 'dist', 'testing', 'test'].includes(entry.name) ? [] : sources(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}
