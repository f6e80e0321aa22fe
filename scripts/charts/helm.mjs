// @ts-check
import { spawn } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { chart } from './tools.mjs';

/** The newest Kubernetes that the charts are rendered for, unless a test says otherwise. */
const KUBE_VERSION = '1.36.0';

/** @typedef {Record<string, any>} Manifest */

/**
 * @param {string} helm
 * @param {readonly string[]} args
 * @param {string} [input]
 * @returns {Promise<{code: number | null, output: string, errors: string}>}
 */
export function callHelm(helm, args, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(helm, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (errors += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output, errors }));
    child.stdin.end(input);
  });
}

/**
 * The objects that values make, hooks included. Throws what helm says when it refuses them.
 * @param {string} helm
 * @param {{values?: object, file?: string, kubeVersion?: string, upgrade?: boolean}} [given]
 * @returns {Promise<Manifest[]>}
 */
export async function render(helm, { values = {}, file, kubeVersion = KUBE_VERSION, upgrade = false } = {}) {
  const args = ['template', 'parley', chart, '--namespace', 'test', '--kube-version', kubeVersion];
  if (upgrade) args.push('--is-upgrade');
  if (file !== undefined) args.push('--values', file);
  const { code, output, errors } = await callHelm(helm, [...args, '--values', '-'], JSON.stringify(values));
  if (code !== 0) throw new Error(errors.trim());
  return parseAllDocuments(output).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const manifest = document.toJS();
    return manifest === null ? [] : [manifest];
  });
}

/** @param {readonly Manifest[]} manifests @param {string} kind @param {string} name @returns {Manifest} */
export function one(manifests, kind, name) {
  const found = manifests.filter((each) => each['kind'] === kind && each['metadata'].name === name);
  if (found.length !== 1) throw new Error(`${found.length} of ${kind} ${name}`);
  return found[0] ?? {};
}

/** Of the first container. @param {Manifest} workload @returns {Record<string, any>} variable → value or where it is from */
export function environment(workload) {
  const { env } = workload['spec'].template.spec.containers[0];
  return Object.fromEntries(env.map((/** @type {any} */ { name, value, valueFrom }) => [name, value ?? valueFrom]));
}
