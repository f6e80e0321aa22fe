// @ts-check
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * As much of an API server as helm asks when it renders with `lookup`: versions, resources, and the Secrets it is given.
 * @param {Record<string, Record<string, string>>} secrets by name, with their data as it is stored (base64)
 * @returns {Promise<{kubeconfig: string, asked: string[], close: () => void}>}
 */
export async function stubKubernetes(secrets) {
  /** @type {string[]} */
  const asked = [];
  const resources = [{ name: 'secrets', singularName: '', namespaced: true, kind: 'Secret', verbs: ['get', 'list'] }];
  const answers = /** @type {Record<string, object>} */ ({
    '/version': { major: '1', minor: '36', gitVersion: 'v1.36.0' },
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
    '/api/v1': { kind: 'APIResourceList', groupVersion: 'v1', resources },
  });
  for (const [name, data] of Object.entries(secrets)) {
    const metadata = { name, namespace: 'test' };
    answers[`/api/v1/namespaces/test/secrets/${name}`] = { apiVersion: 'v1', kind: 'Secret', metadata, data };
  }
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    asked.push(path);
    const answer = answers[path];
    const missing = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };
    response.writeHead(answer === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer ?? missing));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const kubeconfig = join(mkdtempSync(join(tmpdir(), 'parley-kube-')), 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'stub', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'stub', user: {} }],
    contexts: [{ name: 'stub', context: { cluster: 'stub', user: 'stub', namespace: 'test' } }],
    'current-context': 'stub',
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  return { kubeconfig, asked, close: () => server.closeAllConnections() ?? server.close() };
}
