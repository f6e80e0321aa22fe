// @ts-check
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bin, go, hasGo, moduleFolder } from '../go.mjs';
import { run } from '../start/commands.mjs';
import { complain, inOneLine } from '../start/say.mjs';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const chart = join(root, 'charts', 'parley');

const HELM = 'v3.22.0';
export const KUBERNETES = 'v1.36.3';
export const ETCD = 'v3.7.3';
/** Types that the chart may use and Kubernetes does not have itself: module and file of its definition. */
const EXTENSIONS = /** @type {const} */ ([
  ['sigs.k8s.io/gateway-api', 'v1.6.3', 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
  [
    'github.com/prometheus-operator/prometheus-operator',
    'v0.90.1',
    'example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml',
  ],
  [
    'github.com/prometheus-operator/prometheus-operator',
    'v0.90.1',
    'example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml',
  ],
]);

/**
 * helm, built from its Go module unless one is at hand. Undefined where it cannot be had: then nothing here can be tested.
 * @returns {Promise<string | undefined>}
 */
export async function findHelm() {
  const places = [
    join(bin, 'helm'),
    ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'helm')),
  ];
  for (const place of [...places, join(homedir(), 'go', 'bin', 'helm')]) {
    if (existsSync(place) && (await run(place, ['version', '--short'])).output.startsWith('v3.')) return place;
  }
  if (!(await hasGo())) return undefined;
  mkdirSync(bin, { recursive: true });
  try {
    await go(['install', `helm.sh/helm/v3/cmd/helm@${HELM}`], { GOBIN: bin });
  } catch (error) {
    complain(`helm cannot be built here, so the chart is not tested: ${inOneLine(error)}`);
    return undefined;
  }
  return join(bin, 'helm');
}

/**
 * Kubernetes's own description of its objects, and the definitions of the extensions.
 * @returns {Promise<{openApi: string, extensions: string[]}>} files
 */
export async function kubernetesSchemas() {
  const kubernetes = await moduleFolder('k8s.io/kubernetes', KUBERNETES);
  const extensions = [];
  for (const [module, version, file] of EXTENSIONS) extensions.push(join(await moduleFolder(module, version), file));
  return { openApi: join(kubernetes, 'api', 'openapi-spec', 'swagger.json'), extensions };
}

/** What build-kubernetes.mjs has built; undefined when it has not. @returns {{apiserver: string, etcd: string} | undefined} */
export function findKubernetes() {
  const [apiserver, etcd] = [join(bin, 'kube-apiserver'), join(bin, 'etcd')];
  return existsSync(apiserver) && existsSync(etcd) ? { apiserver, etcd } : undefined;
}
