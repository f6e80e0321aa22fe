// @ts-check
// `node scripts/charts/build-kubernetes.mjs` builds kube-apiserver and etcd from their Go modules into .parley/bin, for
// install.test.mjs. A quarter of an hour on two cores; once.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, go, moduleFolder } from '../go.mjs';
import { say, step } from '../start/say.mjs';
import { ETCD, KUBERNETES } from './tools.mjs';

/** Its libraries are modules of their own, with a 0 where it has a 1. */
const LIBRARIES = KUBERNETES.replace('v1.', 'v0.');

mkdirSync(bin, { recursive: true });
const sources = await step('Fetching Kubernetes', () => moduleFolder('k8s.io/kubernetes', KUBERNETES));
const folder = mkdtempSync(join(tmpdir(), 'parley-kubernetes-'));

// The module replaces its libraries by folders beside it, which only a checkout has.
const given = readFileSync(join(sources, 'go.mod'), 'utf8')
  .replace(/^module .*/m, 'module local/kubernetes')
  .replace(/(k8s\.io\/[a-z0-9-]+) v0\.0\.0$/gm, `$1 ${LIBRARIES}`)
  .replace(/=> \.\/staging\/src\/(k8s\.io\/[a-z0-9-]+)/g, `=> $1 ${LIBRARIES}`);
writeFileSync(join(folder, 'go.mod'), given);
writeFileSync(join(folder, 'go.sum'), readFileSync(join(sources, 'go.sum')));
writeFileSync(
  join(folder, 'main.go'),
  'package main\n\nimport _ "k8s.io/kubernetes/cmd/kube-apiserver/app"\n\nfunc main() {}\n',
);
await go(['mod', 'edit', '-require', `k8s.io/kubernetes@${KUBERNETES}`], {}, folder);
await go(['mod', 'tidy'], {}, folder);
/** @param {string} name @param {string} value */
const version = (name, value) => `-X k8s.io/component-base/version.${name}=${value}`;
const [major = '', minor = ''] = KUBERNETES.slice(1).split('.');
// Built without them it says that it is v0.0.0, and charts refuse it.
const says = [version('gitVersion', KUBERNETES), version('gitMajor', major), version('gitMinor', minor)].join(' ');
const build = ['build', '-p', '1', '-o', bin, '-ldflags', `-s -w ${says}`];
await step('Building kube-apiserver', () => go([...build, 'k8s.io/kubernetes/cmd/kube-apiserver'], {}, folder));

const store = mkdtempSync(join(tmpdir(), 'parley-etcd-'));
writeFileSync(
  join(store, 'main.go'),
  'package main\n\nimport (\n\t"os"\n\n\t"go.etcd.io/etcd/server/v3/etcdmain"\n)\n\nfunc main() { etcdmain.Main(os.Args) }\n',
);
await go(['mod', 'init', 'local/etcd'], {}, store);
await go(['get', `go.etcd.io/etcd/server/v3@${ETCD}`], {}, store);
await go(['mod', 'tidy'], {}, store);
await step('Building etcd', () => go([...build, '.'], {}, store));
say(`${bin} has kube-apiserver and etcd`);
