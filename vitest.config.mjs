// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

/** Every package of the workspace that has tests; a new one is found without being listed. */
const packages = ['libs', 'services']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
  .filter((folder) => existsSync(join(root, folder, 'src')));

/** They kill processes and start clusters, and most of their time they wait: for leases, graces, detections. */
const FAULTS = '**/*.fault.test.{ts,tsx}';
/** They measure what a process holds while they keep both of two cores busy, so they get the machine to themselves. */
const ALONE = ['**/*fuzz.fault.test.ts', '**/slow-reader.fault.test.ts'];
const inPackages = (/** @type {string} */ pattern) => `{libs,services}/*/{src,test}/${pattern}`;
/** Nothing but functions: their files need no process each, whose start would take longer than they do. */
const pure = new Set(['libs/dialects']);

const shared = {
  globals: false,
  pool: 'forks',
  testTimeout: 60_000,
  hookTimeout: 90_000,
  teardownTimeout: 20_000,
  restoreMocks: true,
};

/** One file each in so many lanes. More lanes than cores, for they wait; not many more, or their deadlines suffer. */
const faults = {
  ...shared,
  root,
  testTimeout: 120_000,
  hookTimeout: 180_000,
  setupFiles: ['./scripts/test/show-logs.mjs'],
  maxWorkers: 3,
  sequence: { groupOrder: 1 },
};

// Groups run one after the other. Within a group projects go by their names, and long files first, as the last run was.
export default defineConfig({
  test: {
    globalSetup: ['./scripts/test/global-setup.mjs'],
    maxWorkers: 2,
    reporters: ['default'],
    projects: [
      ...packages.map((folder) => ({
        test: {
          ...shared,
          name: folder,
          root: join(root, folder),
          include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
          exclude: [FAULTS],
          isolate: !pure.has(folder),
          sequence: { groupOrder: 0 },
        },
      })),
      { test: { ...faults, name: 'conformance', include: ['{conformance,bench}/{src,test}/**/*.test.ts'] } },
      {
        test: {
          ...faults,
          name: 'faults',
          include: [inPackages(FAULTS), 'scripts/**/*.test.mjs'],
          exclude: ALONE,
        },
      },
      {
        test: { ...faults, name: 'alone', include: ALONE.map(inPackages), maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
