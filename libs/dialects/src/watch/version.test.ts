import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Down } from './down.js';
import { fromDevice, fromViewer } from './up.js';
import { history, schemaHash, version } from './version.js';

it('pins the wire: who changes a schema says so in version.ts', () => {
  const schemas = JSON.stringify([fromDevice, fromViewer, Down]);
  expect(createHash('sha256').update(schemas).digest('hex')).toBe(schemaHash);
});

it('speaks the newest version that its history tells of', () => {
  expect(history.at(-1)).toBe(version);
});
