// @ts-check
// Each wall of .dependency-cruiser.cjs is breached once, in a small workspace made for it, and must say so.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './start/commands.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
const { forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

const packages = {
  ...Object.fromEntries(
    [
      'contracts',
      'config',
      'testing',
      'telemetry',
      'dialects',
      'ot',
      'bus',
      'database',
      'service',
      'client',
      'react',
    ].map((name) => [name, `libs/${name}`]),
  ),
  auth: 'services/auth',
  presence: 'services/presence',
  gateway: 'services/gateway',
  console: 'services/console',
  conformance: 'conformance',
  bench: 'bench',
};

/** Rule, file, what it imports. @type {[rule: string, file: string, imports: string][]} */
const breaches = [
  ['wall-libs-contracts', 'libs/contracts/src/a.ts', '@parley/telemetry'],
  ['wall-libs-config', 'libs/config/src/a.ts', '@parley/contracts'],
  ['wall-libs-testing', 'libs/testing/src/a.ts', '@parley/bus'],
  ['wall-libs-telemetry', 'libs/telemetry/src/a.ts', '@parley/bus'],
  ['wall-libs-dialects', 'libs/dialects/src/a.ts', '@parley/bus'],
  ['wall-libs-ot', 'libs/ot/src/a.ts', '@parley/dialects'],
  ['wall-libs-bus', 'libs/bus/src/a.ts', '@parley/database'],
  ['wall-libs-database', 'libs/database/src/a.ts', '@parley/bus'],
  ['wall-libs-service', 'libs/service/src/a.ts', '@parley/dialects'],
  ['wall-libs-client', 'libs/client/src/a.ts', '@parley/bus'],
  ['wall-libs-react', 'libs/react/src/a.ts', '@parley/bus'],
  ['wall-services-any', 'services/auth/src/a.ts', '@parley/presence'],
  ['wall-services-any', 'services/auth/src/b.ts', '@parley/client'],
  ['wall-services-console', 'services/console/src/a.ts', '@parley/bus'],
  ['wall-conformance', 'conformance/src/a.ts', '@parley/bus'],
  ['wall-bench', 'bench/src/a.ts', '@parley/auth'],
  ['service-never-service', 'services/auth/src/a.test.ts', '@parley/presence'],
  ['through-the-door', 'libs/bus/src/b.ts', '../../contracts/src/inner.js'],
  ['nobody-imports-the-top', 'services/auth/src/c.ts', '@parley/conformance'],
  ['only-bus-knows-nats', 'services/auth/src/d.ts', '@nats-io/transport-node'],
  ['only-repositories-know-sql', 'services/auth/src/e.ts', 'kysely'],
  ['pure-packages-do-no-io', 'libs/dialects/src/b.ts', 'node:fs'],
  ['handlers-know-the-bus', 'services/auth/src/f.ts', '@parley/bus'],
  ['gateway-has-no-database', 'services/gateway/src/a.ts', '@parley/database'],
  ['no-cycles', 'libs/bus/src/c.ts', './c2.js'],
  ['no-barrels', 'services/gateway/src/b.ts', './rest/index.js'],
  ['nobody-imports-its-own-door', 'libs/bus/src/d.ts', './index.js'],
  ['no-tests-in-products', 'services/auth/src/g.ts', '@parley/testing'],
  ['not-to-unresolvable', 'libs/bus/src/e.ts', './nowhere.js'],
  ['no-undeclared-packages', 'libs/bus/src/f.ts', 'undeclared'],
];

/** What is right, and must stay possible. @type {[file: string, imports: string][]} */
const fine = [
  ['libs/bus/src/ok.ts', '@parley/contracts'],
  ['libs/bus/src/ok2.ts', '@nats-io/transport-node'],
  ['libs/database/src/ok.ts', 'kysely'],
  ['services/auth/src/auth.handlers.ts', '@parley/bus'],
  ['services/auth/src/user.repository.ts', 'kysely'],
  ['services/auth/src/ok.test.ts', '@parley/testing'],
  ['services/auth/src/testing/world.ts', '@parley/testing'],
  ['services/gateway/src/ok.ts', '@parley/dialects'],
  ['conformance/src/ok.ts', '@parley/dialects'],
  ['libs/dialects/src/all.ts', './topics/index.js'],
  ['services/console/src/ok.ts', '@parley/react'],
  ['services/console/test/ok.ts', '@parley/testing'],
];

let folder = '';
/** @type {{rule: string, from: string, to: string}[]} */
let violations = [];

/** @param {string} path @param {string} text */
function put(path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-walls-'));
  const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
  const dependencies = { kysely: '1.0.0', '@nats-io/transport-node': '1.0.0' };
  for (const [name, path] of Object.entries(packages)) {
    const known = Object.fromEntries(Object.keys(packages).map((each) => [`@parley/${each}`, '1.0.0']));
    const manifest = { name: `@parley/${name}`, version: '1.0.0', type: 'module', exports };
    put(join(path, 'package.json'), JSON.stringify({ ...manifest, dependencies: { ...dependencies, ...known } }));
    put(join(path, 'dist', 'index.js'), 'export const a = 1;\n');
    put(join(path, 'dist', 'index.d.ts'), 'export declare const a: number;\n');
    mkdirSync(join(folder, 'node_modules', '@parley'), { recursive: true });
    symlinkSync(join(folder, path), join(folder, 'node_modules', '@parley', name));
  }
  for (const name of ['kysely', '@nats-io/transport-node', 'undeclared']) {
    put(join('node_modules', name, 'package.json'), JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    put(join('node_modules', name, 'index.js'), 'exports.a = 1;\n');
  }
  put('package.json', '{"name":"walls","private":true}');
  put('tsconfig.base.json', '{"compilerOptions":{"module":"NodeNext","moduleResolution":"NodeNext"}}');
  put('libs/contracts/src/inner.ts', 'export const a = 1;\n');
  put('libs/bus/src/index.ts', 'export const a = 1;\n');
  put('libs/bus/src/c2.ts', "export { a } from './c.js';\n");
  put('libs/dialects/src/topics/index.ts', 'export const a = 1;\n');
  put('services/gateway/src/rest/index.ts', 'export const a = 1;\n');
  for (const [file, imports] of [...breaches.map(([, ...rest]) => rest), ...fine]) {
    put(file, `import { a } from '${imports}';\nexport const b = a;\nexport { a };\n`);
  }

  symlinkSync(join(root, 'node_modules', 'typescript'), join(folder, 'node_modules', 'typescript'));
  const args = [
    '--config',
    join(root, '.dependency-cruiser.cjs'),
    '--output-type',
    'json',
    'libs',
    'services',
    'conformance',
    'bench',
  ];
  const report = join(folder, 'report.json');
  const { output } = await run(process.execPath, [cruiser, ...args, '--output-to', report], { cwd: folder });
  expect(existsSync(report), output).toBe(true);
  violations = violationsIn(readFileSync(report, 'utf8'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @param {string} text @returns {typeof violations} */
function violationsIn(text) {
  /** @type {{summary: {violations: {rule: {name: string}, from: string, to: string}[]}}} */
  const report = JSON.parse(text);
  return report.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}

describe('the walls', () => {
  it.each(breaches)('%s: %s may not import %s', (rule, file) => {
    expect(violations.filter(({ from }) => from === file).map((each) => each.rule)).toContain(rule);
  });

  it.each(fine)('%s may import %s', (file) => {
    expect(violations.filter(({ from }) => from === file)).toEqual([]);
  });

  it('have each been tried', () => {
    const tried = new Set(breaches.map(([rule]) => rule));
    expect(
      forbidden
        .map((/** @type {{name: string}} */ { name }) => name)
        .filter((/** @type {string} */ name) => !tried.has(name)),
    ).toEqual([]);
  });
});
