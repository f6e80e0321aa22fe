// @ts-check

/** @typedef {import('./k6.mjs').Finished} Finished */

const COUNTS = /** @type {const} */ ([
  ['logins', 'parley_logins'],
  ['refused, then let in', 'parley_refused'],
  ['reconnects', 'parley_reconnects'],
  ['acknowledged', 'parley_acked'],
  ['received', 'parley_received'],
  ['sessions watched', 'parley_watch_sessions'],
  ['compared', 'parley_checked'],
  ['missing', 'parley_missing'],
  ['repeated', 'parley_repeated'],
  ['out of order', 'parley_disorder'],
  ['faults', 'parley_broken'],
]);
const TIMES = /** @type {const} */ ([
  ['login', 'parley_login_ms'],
  ['acknowledgment', 'parley_ack_ms'],
  ['delivery', 'parley_delivery_ms'],
  ['join', 'parley_join_ms'],
  ['watch set up', 'parley_watch_setup_ms'],
  ['back after a loss', 'parley_back_ms'],
]);

/** What a person wants to know of a run. @param {string} name @param {Finished} finished @returns {string[]} lines */
export function reportOf(name, { passed, metrics, output, seconds }) {
  const counts = COUNTS.flatMap(([label, metric]) => {
    const count = metrics[metric]?.values.count;
    return count === undefined ? [] : [`${label} ${count}`];
  });
  const times = TIMES.flatMap(([label, metric]) => {
    const values = metrics[metric]?.values;
    if (values === undefined || !(values.count > 0)) return [];
    const [p50, p95, p99, max] = ['med', 'p(95)', 'p(99)', 'max'].map((key) => ms(values[key]));
    return [`  ${label.padEnd(18)} p50 ${p50}  p95 ${p95}  p99 ${p99}  max ${max}  (${values.count})`];
  });
  const broken = brokenThresholds(metrics).map((line) => `  ✗ ${line}`);
  const why = passed ? [] : tail(output).map((line) => `  ${line}`);
  return [
    `${passed ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`,
    `  ${counts.join(', ')}`,
    ...times,
    ...broken,
    ...why,
  ];
}

/** @param {Finished['metrics']} metrics @returns {string[]} */
export function brokenThresholds(metrics) {
  return Object.entries(metrics).flatMap(([metric, { thresholds = {} }]) =>
    Object.entries(thresholds).flatMap(([rule, { ok }]) => (ok ? [] : [`${metric} ${rule}`])),
  );
}

/** @param {string} output */
function tail(output) {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-15);
}

/** @param {number} value */
function ms(value) {
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ms`.padStart(9);
}

const BUCKET_MS = 100;
const TENTHS = 10;

/**
 * How those who lost their connection came back: attempts that led to a welcome, per 100 ms since the step began.
 * @param {{name: string, at: number}} step
 * @param {readonly {backAt: number, lostAt: number}[]} returns those of this step
 * @returns {string[]} lines
 */
export function curveOf({ name, at }, returns) {
  if (returns.length === 0) return [`${name}: nobody lost a connection`];
  const counts = countsPer(BUCKET_MS, at, returns);
  const most = Math.max(...counts);
  const waits = returns.map(({ backAt, lostAt }) => backAt - lostAt).sort((a, b) => a - b);
  const percentile = (/** @type {number} */ part) =>
    waits[Math.min(waits.length - 1, Math.floor(part * waits.length))] ?? 0;
  const head = `${name}: ${returns.length} came back, at most ${most} in any ${BUCKET_MS} ms; away p50 ${percentile(0.5)} ms, p95 ${percentile(0.95)} ms, max ${waits.at(-1) ?? 0} ms`;
  // A line for each second in which somebody came, a column for each tenth of it.
  const seconds = Array.from({ length: Math.ceil(counts.length / TENTHS) }, (_, second) =>
    Array.from({ length: TENTHS }, (__, tenth) => counts[second * TENTHS + tenth] ?? 0),
  );
  const row = (/** @type {string} */ title, /** @type {readonly unknown[]} */ cells) =>
    `  ${title.padStart(5)} |${cells.map((cell) => String(cell).padStart(4)).join('')}`;
  return [
    head,
    row('s', ['.0', '.1', '.2', '.3', '.4', '.5', '.6', '.7', '.8', '.9']),
    ...seconds.flatMap((tenths, second) => (tenths.some((count) => count > 0) ? [row(String(second), tenths)] : [])),
  ];
}

/** @param {number} bucketMs @param {number} from @param {readonly {backAt: number}[]} returns */
export function countsPer(bucketMs, from, returns) {
  const buckets = returns.map(({ backAt }) => Math.max(0, Math.floor((backAt - from) / bucketMs)));
  const counts = Array.from({ length: Math.max(...buckets) + 1 }, () => 0);
  for (const bucket of buckets) counts[bucket] = (counts[bucket] ?? 0) + 1;
  return counts;
}
