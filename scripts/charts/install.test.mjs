// @ts-check
// The chart against a real API server, where there is one: build it with `node scripts/charts/build-kubernetes.mjs`.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApiServer } from './api-server.mjs';
import { callHelm } from './helm.mjs';
import { chart, findHelm, findKubernetes, kubernetesSchemas } from './tools.mjs';

const binaries = findKubernetes();
const helm = binaries === undefined ? undefined : await findHelm();

/** helm install, upgrade, rollback: what needs kube-apiserver. */
const served = test.skipIf(binaries === undefined || helm === undefined);

/** @type {Awaited<ReturnType<typeof startApiServer>>} */
let api;

beforeAll(async () => {
  if (binaries === undefined) return;
  api = await startApiServer(binaries);
  for (const file of (await kubernetesSchemas()).extensions) {
    const definition = parse(readFileSync(file, 'utf8'));
    const made = await api.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    await established(definition.metadata.name);
  }
});
afterAll(() => api?.stop());

/** @param {string} name */
async function established(name) {
  for (;;) {
    const { body } = await api.call('GET', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`);
    if (
      body.status?.conditions?.some((/** @type {any} */ each) => each.type === 'Established' && each.status === 'True')
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {...string} args */
async function run(...args) {
  const said = await callHelm(helm ?? '', [...args, '--kubeconfig', api.kubeconfig]);
  expect(said.code, said.errors).toBe(0);
  return said.output;
}

/** @param {string} namespace @param {string} name */
const secret = async (namespace, name) =>
  (await api.call('GET', `/api/v1/namespaces/${namespace}/secrets/${name}`)).body.data;

// Hooks are Jobs, which nobody runs here; the server validates them in a test of their own.
const quiet = ['--no-hooks'];

served.each(readdirSync(join(chart, 'ci')).sort())('takes every object with %s', async (name) => {
  const namespace = name.replace('.yaml', '');
  const output = await run(
    'install',
    'parley',
    chart,
    '-n',
    namespace,
    '--create-namespace',
    '-f',
    join(chart, 'ci', name),
    ...quiet,
  );
  expect(output).toContain('STATUS: deployed');
  const { body } = await api.call('GET', `/apis/apps/v1/namespaces/${namespace}/deployments`);
  expect(body.items).toHaveLength(7);
});

served('takes the hooks, too', async () => {
  const hooks = parse(
    `[${(await run('get', 'hooks', 'parley', '-n', 'default'))
      .split(/^---$/m)
      .filter((part) => part.includes('kind:'))
      .map((part) => JSON.stringify(parse(part)))
      .join(',')}]`,
  );
  expect(hooks.map((/** @type {any} */ each) => each.kind).sort()).toEqual(['Job', 'Pod']);
  for (const [kind, path] of [
    ['Job', '/apis/batch/v1/namespaces/default/jobs'],
    ['Pod', '/api/v1/namespaces/default/pods'],
  ]) {
    const made = await api.call(
      'POST',
      `${path}?dryRun=All&fieldValidation=Strict`,
      hooks.find((/** @type {any} */ each) => each.kind === kind),
    );
    expect(made.status, JSON.stringify(made.body)).toBe(201);
  }
});

served('an upgrade keeps the Secrets and the autoscaler’s replicas; a rollback returns to what was', async () => {
  const names = ['parley', 'parley-nats', 'parley-postgres'];
  const before = await Promise.all(names.map((name) => secret('default', name)));
  const path = '/apis/apps/v1/namespaces/default/deployments/parley-gateway';
  const deployment = (await api.call('GET', path)).body;
  await api.call('PUT', path, { ...deployment, spec: { ...deployment.spec, replicas: 7 } });

  await run('upgrade', 'parley', chart, '-n', 'default', '--set', 'gateway.drain.windowSeconds=77', ...quiet);
  expect(await Promise.all(names.map((name) => secret('default', name)))).toEqual(before);
  const upgraded = (await api.call('GET', path)).body;
  expect(upgraded.spec.replicas).toBe(7);
  expect(upgraded.spec.template.spec.terminationGracePeriodSeconds).toBe(10 + 77 + 10 + 5);
  expect(upgraded.spec.template.metadata.annotations).toEqual(deployment.spec.template.metadata.annotations);

  await run('rollback', 'parley', '1', '-n', 'default', ...quiet);
  const back = (await api.call('GET', path)).body;
  expect(back.spec.replicas).toBe(7);
  expect(back.spec.template.spec.terminationGracePeriodSeconds).toBe(10 + 30 + 10 + 5);
  expect(await Promise.all(names.map((name) => secret('default', name)))).toEqual(before);
});

served('an uninstall leaves what seals the volumes, and a new install takes it up', async () => {
  const sealed = await secret('default', 'parley');
  await run('uninstall', 'parley', '-n', 'default', ...quiet);
  expect(await secret('default', 'parley')).toEqual(sealed);
  await run('install', 'parley', chart, '-n', 'default', ...quiet);
  expect(await secret('default', 'parley')).toEqual(sealed);
});
