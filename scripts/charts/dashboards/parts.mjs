// @ts-check
/**
 * Panels of Grafana in as few words as they need; places, ids and references are counted here.
 * @typedef {[query: string, legend: string]} Query
 * @typedef {{kind: 'row', title: string} | {kind: 'panel', title: string, unit: string, queries: Query[], stat: boolean, redFrom?: number}} Part
 * @typedef {Record<string, any>} Dashboard
 */

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const COLUMNS = 24;

/** @param {string} title @returns {Part} */
export function row(title) {
  return { kind: 'row', title };
}

/** @param {string} title @param {string} unit of Grafana's @param {Query[]} queries @returns {Part} */
export function panel(title, unit, queries) {
  return { kind: 'panel', title, unit, queries, stat: false };
}

/** One number. @param {string} title @param {string} query @param {string} unit @param {number} [redFrom] @returns {Part} */
export function stat(title, query, unit, redFrom) {
  return {
    kind: 'panel',
    title,
    unit,
    queries: [[query, '']],
    stat: true,
    ...(redFrom === undefined ? {} : { redFrom }),
  };
}

/** @param {string} query @returns {Query[]} */
export function byDialect(query) {
  return [[query, '{{dialect}}']];
}

/** @param {string} metric a histogram @returns {Query[]} */
export function quantiles(metric) {
  return [0.5, 0.99, 0.999].map((q) => [
    `histogram_quantile(${q}, sum by (le) (rate(${metric}_bucket[$__rate_interval])))`,
    `p${String(q * 100)}`,
  ]);
}

/** A counter that nothing has counted yet has no series; here it is 0. @param {string} query */
export function rare(query) {
  return `${query} or vector(0)`;
}

/**
 * @param {string} name
 * @param {string} title
 * @param {string} description
 * @param {readonly Part[]} parts
 * @returns {Dashboard}
 */
export function dashboard(name, title, description, parts) {
  return {
    uid: `parley-${name}`,
    title,
    description,
    tags: ['parley'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: '',
    graphTooltip: 1,
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', current: {}, hide: 0 },
      ],
    },
    annotations: { list: [] },
    links: [
      { title: 'Parley', type: 'dashboards', tags: ['parley'], asDropdown: true, includeVars: true, keepTime: true },
    ],
    panels: placed(parts),
  };
}

/** From left to right, line by line. @param {readonly Part[]} parts */
function placed(parts) {
  let x = 0;
  let y = 0;
  let height = 0;
  const nextLine = () => {
    y += height;
    x = 0;
    height = 0;
  };
  return parts.map((part, index) => {
    const id = index + 1;
    const size = part.kind === 'row' ? { w: COLUMNS, h: 1 } : part.stat ? { w: 4, h: 4 } : { w: 12, h: 8 };
    if (part.kind === 'row' || x + size.w > COLUMNS) nextLine();
    const gridPos = { x, y, ...size };
    x += size.w;
    height = Math.max(height, size.h);
    if (part.kind === 'row') return { id, type: 'row', title: part.title, collapsed: false, gridPos, panels: [] };
    return { id, title: part.title, gridPos, ...drawn(part) };
  });
}

/** @param {Part & {kind: 'panel'}} part */
function drawn({ unit, queries, stat: isStat, redFrom }) {
  const steps = [{ color: 'green', value: null }, ...(redFrom === undefined ? [] : [{ color: 'red', value: redFrom }])];
  const targets = queries.map(([expr, legendFormat], index) => ({
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legendFormat === '' ? '__auto' : legendFormat,
    ...(isStat ? { instant: true } : {}),
  }));
  return {
    type: isStat ? 'stat' : 'timeseries',
    datasource: DATASOURCE,
    fieldConfig: {
      defaults: { unit, min: 0, thresholds: { mode: 'absolute', steps }, custom: isStat ? {} : { fillOpacity: 10 } },
      overrides: [],
    },
    options: isStat
      ? { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'value', graphMode: 'area' }
      : {
          legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
          tooltip: { mode: 'multi', sort: 'desc' },
        },
    targets,
  };
}

/** @param {string} metric @param {string} label */
export function rateBy(metric, label) {
  return `sum by (${label}) (rate(${metric}[$__rate_interval]))`;
}

/** @param {string} metric a histogram, with or without a selector @param {number} q @param {string} [label] */
export function quantile(metric, q, label) {
  const bucket = metric.includes('{') ? metric.replace('{', '_bucket{') : `${metric}_bucket`;
  return `histogram_quantile(${q}, sum by (le${label === undefined ? '' : `, ${label}`}) (rate(${bucket}[$__rate_interval])))`;
}

/** @param {string} query @param {string} [legend] @returns {[string, string][]} */
export function perPod(query, legend = '{{instance}}') {
  return [[query, legend]];
}
