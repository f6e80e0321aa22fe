// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

/** Every package of the workspace that has tests; a new one is found without being listed. */
const packages = [
  ...['libs', 'services'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)),
  'conformance',
  'bench',
].filter((folder) => existsSync(join(root, folder, 'src')));

/**
 * Suites that kill processes, start whole clusters or measure what a process holds get the machine to themselves, after
 * all others: `*.fault.test.ts` (or tsx) anywhere, and the packages whose every test needs a cluster.
 */
const SERIAL = '**/*.fault.test.{ts,tsx}';
const serialPackages = new Set(['conformance', 'bench']);

const shared = {
  globals: false,
  pool: 'forks',
  testTimeout: 60_000,
  hookTimeout: 90_000,
  teardownTimeout: 20_000,
  restoreMocks: true,
};

export default defineConfig({
  test: {
    globalSetup: ['./scripts/test/global-setup.mjs'],
    maxWorkers: 2,
    reporters: ['default'],
    projects: [
      ...packages
        .filter((folder) => !serialPackages.has(folder))
        .map((folder) => ({
          test: {
            ...shared,
            name: folder,
            root: join(root, folder),
            include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
            exclude: [SERIAL],
            sequence: { groupOrder: 0 },
          },
        })),
      {
        test: {
          ...shared,
          name: 'serial',
          root,
          include: [
            `{libs,services}/*/{src,test}/${SERIAL}`,
            ...[...serialPackages].map((folder) => `${folder}/{src,test}/**/*.test.ts`),
            'scripts/**/*.test.mjs',
          ],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
