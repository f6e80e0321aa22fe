// @ts-check
import { startCluster } from '@parley/testing';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../start/commands.mjs';
import { pack } from './pack.mjs';

const PATIENCE_MS = 120_000;

/** The tarball in an empty folder, on its own, against a running cluster. */
describe('the packed kit', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-kit-')));
  const installed = join(folder, 'node_modules', '@parley', 'conformance');
  /** @type {import('@parley/testing').Cluster} */
  let cluster;

  beforeAll(async () => {
    cluster = await startCluster({ gateways: 1 });
    const tarball = await pack(folder);
    await install(tarball, folder);
  });

  afterAll(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param {readonly string[]} flags */
  const kit = (flags) =>
    run(process.execPath, [join(folder, 'node_modules', '.bin', 'parley-conformance'), ...flags], {
      cwd: folder,
      timeoutMs: PATIENCE_MS,
    });
  const urlOf = (/** @type {number} */ listener, /** @type {string} */ path) =>
    `ws://127.0.0.1:${String(cluster.gateway(1).ports[listener])}${path}`;
  const rest = () => ['--rest', cluster.gateway(1).url, '--api-key', cluster.apiKey];

  it('brings nothing but itself, and depends on nothing', () => {
    const { dependencies, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    expect(dependencies).toBeUndefined();
    expect(Object.keys(bin)).toEqual(['parley-conformance']);
    expect(readFileSync(join(installed, 'README.md'), 'utf8')).toContain('--url');
    const imported = importsOf(join(installed, 'bin', 'parley-conformance.js'));
    expect(imported.filter((name) => !isBuiltIn(name))).toEqual([]);
  });

  it.each([
    ['topics', 1, '/ws', 'UP5,BN', ['UP5', 'BN1', 'BN2']],
    ['chat', 0, '/ws', 'HS6,UP2', ['HS6', 'UP2']],
    ['collab', 0, '/ws/collab', 'UP12,HS5', ['UP12', 'HS5']],
    ['party', 0, '/ws/party', 'JN1,MS3', ['MS3']],
    ['watch', 0, '/ws/viewer', 'HL2,FM3', ['HL2', 'FM3']],
  ])('tests %s, and writes reports that can be read', async (dialect, listener, path, rules, proved) => {
    const url = urlOf(listener, path);
    const [json, junit] = [join(folder, `${dialect}.json`), join(folder, `${dialect}.xml`)];
    const where = ['--url', url, '--dialect', dialect, '--rules', rules, '--json', json, '--junit', junit];
    const { code, output } = await kit([...where, ...rest()]);
    expect(code, output).toBe(0);
    expect(output).toMatch(/\d+ scenarios passed, 0 failed/);
    const report = JSON.parse(readFileSync(json, 'utf8'));
    expect(report).toMatchObject({ dialect, url });
    const passed = report.rules.filter((/** @type {any} */ rule) => rule.state === 'pass');
    expect(passed.map((/** @type {any} */ rule) => rule.id)).toEqual(expect.arrayContaining(proved));
    expect(testCases(readFileSync(junit, 'utf8'))).toBe(report.scenarios.length);
  });

  it('shows the offending frame, and exits with 1', async () => {
    // What speaks topics does not speak chat.
    const url = `ws://127.0.0.1:${String(cluster.gateway(1).ports[1])}/ws`;
    const json = join(folder, 'wrong.json');
    const { code, output } = await kit([
      '--url',
      url,
      '--dialect',
      'chat',
      '--rules',
      'HS6',
      '--json',
      json,
      ...rest(),
    ]);
    expect(code, output).toBe(1);
    expect(output).toContain('✗ FAIL');
    expect(output).toMatch(/frame: \{"type":"Status"/);
    const { scenarios } = JSON.parse(readFileSync(json, 'utf8'));
    expect(scenarios.some((/** @type {any} */ one) => String(one.frame).includes('"Status"'))).toBe(true);
  });

  it('says what is skipped without accounts, and why', async () => {
    const { code, output } = await kit(['--url', urlOf(0, '/ws'), '--dialect', 'chat', '--rules', 'SV,HS3']);
    expect(output).toMatch(/\d+ skipped: needs --rest/);
    expect(code, output).toBe(0);
  });

  it('exits with 2 for a flag that is wrong, and shows every flag when asked', async () => {
    expect((await kit(['--url', 'http://here'])).code).toBe(2);
    const { code, output } = await kit(['--help']);
    expect(code).toBe(0);
    expect(output).toContain('--junit');
  });
});

/** With no network. @param {string} tarball @param {string} folder */
async function install(tarball, folder) {
  const quietly = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  const { code, output } = await run('npm', ['install', ...quietly, tarball], { cwd: folder, timeoutMs: PATIENCE_MS });
  expect(code, output).toBe(0);
}

/** @param {string} file */
function importsOf(file) {
  return [...readFileSync(file, 'utf8').matchAll(/^import .* from "([^"]+)";$/gm)].map(([, name = '']) => name);
}

/** @param {string} name */
function isBuiltIn(name) {
  return process.getBuiltinModule(name) !== undefined;
}

/** How many test cases; throws when a tag is left open. @param {string} xml */
function testCases(xml) {
  /** @type {string[]} */
  const open = [];
  for (const [, slash, name = '', rest = ''] of xml.matchAll(/<(\/?)([a-z]+)((?:\s+[a-z]+="[^"<]*")*\s*\/?)>/g)) {
    if (slash === '/') expect(open.pop()).toBe(name);
    else if (!rest.endsWith('/')) open.push(name);
  }
  expect(open).toEqual([]);
  return [...xml.matchAll(/<testcase /g)].length;
}
