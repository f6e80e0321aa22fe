// @ts-check
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { code, page, table } from './table.mjs';

const KINDS = new Set(['counter', 'upDownCounter', 'gauge', 'histogram', 'observe', 'tallies', 'timings']);

/** @typedef {{name: string, kind: string, unit: string, description: string, file: string}} Metric */

/**
 * Every metric, read from the source: they come to life only when something is measured, so a running process does not
 * know them all.
 * @param {string} root
 * @returns {Promise<string>}
 */
export async function metricsPage(root) {
  const metrics = ['libs', 'services'].flatMap((folder) =>
    sources(join(root, folder)).flatMap((file) => metricsOf(file, root)),
  );
  metrics.sort((a, b) => (a.name < b.name ? -1 : 1));
  return page('Metrics', 'the calls of `counter`, `histogram`, … in `libs` and `services`', [
    'Served at `/metrics` of every process (port 9464 unless configured otherwise) in Prometheus’s format, where dots become underscores and the unit is added unless the name has it: `parley.bus.call.duration` in `s` is `parley_bus_call_duration_seconds`. Durations are histograms in seconds.',
    table(
      ['Metric', 'Kind', 'Unit', 'What it says', 'From'],
      metrics.map(({ name, kind, unit, description, file }) => [code(name), kind, unit, description, file]),
    ),
  ]);
}

/** @param {string} folder @returns {string[]} */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ['node_modules', 'dist', 'testing', 'fixtures'].includes(entry.name) ? [] : sources(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

/** @param {string} file @param {string} root @returns {Metric[]} */
function metricsOf(file, root) {
  const text = readFileSync(file, 'utf8');
  if (!text.includes("'parley.")) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  /** @type {Metric[]} */
  const found = [];
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && KINDS.has(node.expression.text)) {
      const [name, options] = node.arguments;
      if (
        name !== undefined &&
        ts.isStringLiteralLike(name) &&
        options !== undefined &&
        ts.isObjectLiteralExpression(options)
      ) {
        const [, part = '', project = ''] = /^(libs|services)\/([^/]+)/.exec(relative(root, file)) ?? [];
        found.push({
          name: name.text,
          kind: node.expression.text === 'observe' ? 'gauge' : kindName(node.expression.text),
          unit: property(options, 'unit'),
          description: property(options, 'description'),
          file: part === '' ? '' : `${part}/${project}`,
        });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** @param {string} called */
function kindName(called) {
  if (called === 'upDownCounter') return 'gauge';
  if (called === 'timings') return 'histogram';
  return called === 'tallies' ? 'counter' : called;
}

/** @param {ts.ObjectLiteralExpression} object @param {string} name @returns {string} */
function property(object, name) {
  for (const each of object.properties) {
    if (!ts.isPropertyAssignment(each) || each.name.getText() !== name) continue;
    return textOf(each.initializer);
  }
  return '';
}

/** Literals, also ones joined with `+`. @param {ts.Expression} value @returns {string} */
function textOf(value) {
  if (ts.isStringLiteralLike(value)) return value.text;
  if (ts.isBinaryExpression(value)) return textOf(value.left) + textOf(value.right);
  return '';
}
