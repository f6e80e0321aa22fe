// @ts-check
// What can be said of the Dockerfile without building it: see images.test.mjs for the rest.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { SERVICES } from './build.mjs';
import { root } from './tools.mjs';

/** Instructions with their arguments; lines that go on are joined. */
const instructions = readFileSync(join(root, 'docker', 'Dockerfile'), 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => /^([A-Z]+) (.*)$/.exec(line)?.slice(1) ?? [line, '']);
const stages = instructions.map(([name], index) => (name === 'FROM' ? index : -1)).filter((index) => index >= 0);
const last = instructions.slice(stages.at(-1));

/** @param {string} name @param {typeof instructions} [among] */
const all = (name, among = instructions) => among.filter(([each]) => each === name).map(([, rest]) => rest ?? '');

test('every service that can be started is one of the images, and compiled for them', () => {
  const services = readdirSync(join(root, 'services')).filter((name) =>
    existsSync(join(root, 'services', name, 'src', `${name}.options.ts`)),
  );
  expect([...SERVICES].sort()).toEqual(services);
  const compiled = all('RUN').flatMap((line) => line.match(/(?<=services\/)[a-z]+(?= )/g) ?? []);
  for (const service of services) expect(compiled).toContain(service);
});

test('what it is made from are arguments, with a tag, and of one release of Debian', () => {
  const images = all('ARG').flatMap((line) => /^[A-Z]+_IMAGE=(.*)$/.exec(line)?.[1] ?? []);
  expect(images).toEqual([
    expect.stringMatching(/node:\d+-bookworm-slim$/),
    expect.stringMatching(/debian:bookworm-slim$/),
  ]);
  for (const from of all('FROM'))
    expect(from).toMatch(/^--platform=\$(BUILD|TARGET)PLATFORM \$\{(NODE|BASE)_IMAGE\}( AS [a-z]+)?$/);
});

test('runs programs on the platform that builds, and only copies for the one that is built for', () => {
  for (const [index, at] of stages.entries()) {
    const stage = instructions.slice(at, stages[index + 1]);
    if (!stage[0]?.[1]?.includes('$BUILDPLATFORM')) expect(all('RUN', stage)).toEqual([]);
  }
  expect(all('RUN', last)).toEqual([]);
});

test('is an image that runs as nobody in particular, and whose first process is node', () => {
  expect(all('USER', last)).toEqual(['1000:1000']);
  expect(JSON.parse(all('ENTRYPOINT', last)[0] ?? '')[0]).toBe('node');
  expect(all('CMD', last)).toEqual([]);
  expect(all('HEALTHCHECK')).toEqual([]);
});

test('has the user and the place that the chart and its scripts expect', () => {
  const { securityContext } = parse(readFileSync(join(root, 'charts', 'parley', 'values.yaml'), 'utf8'));
  expect(`${securityContext.runAsUser}:${securityContext.runAsGroup}`).toBe(all('USER', last)[0]);
  expect(all('WORKDIR', last)).toEqual(['/app/services/${SERVICE}']);
});

test('no secret can get into it: what is not named stays outside', () => {
  const [first, ...others] = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(first).toBe('*');
  expect(others.filter((line) => line.startsWith('!') && /docker|parley|env|charts/.test(line))).toEqual([]);
  expect(readFileSync(join(root, '.gitignore'), 'utf8').split('\n')).toContain('docker/.env');
});
