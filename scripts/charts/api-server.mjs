// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TOKEN = 'helm-in-a-test';
const READY_MS = 90_000;

/**
 * A real kube-apiserver with etcd and nothing else: it validates and stores objects, and runs none of them.
 * @param {{apiserver: string, etcd: string}} binaries
 * @returns {Promise<{kubeconfig: string, call: (method: string, path: string, body?: object) => Promise<any>, stop: () => Promise<void>}>}
 */
export async function startApiServer({ apiserver, etcd }) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-apiserver-'));
  const [client = 0, peer = 0, port = 0] = await Promise.all([freePort(), freePort(), freePort()]);
  const token = join(folder, 'tokens.csv');
  writeFileSync(token, `${TOKEN},admin,1,system:masters\n`, { mode: 0o600 });
  const key = join(folder, 'sa.key');
  spawnSync('openssl', ['genrsa', '-out', key, '2048']);
  mkdirSync(join(folder, 'certs'));
  const store = start(etcd, [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
  ]);
  const server = start(apiserver, [
    `--etcd-servers=http://127.0.0.1:${client}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--cert-dir=${join(folder, 'certs')}`,
    `--token-auth-file=${token}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://parley.test',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--disable-admission-plugins=ServiceAccount',
  ]);
  const stop = async () => {
    await server.stop();
    await store.stop();
  };
  const call = caller(port, join(folder, 'certs', 'apiserver.crt'));
  try {
    await ready(call, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { kubeconfig: writeKubeconfig(folder, port), call, stop };
}

/** @param {string} command @param {readonly string[]} args */
function start(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (said = (said + String(chunk)).slice(-4_000)));
  }
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    said: () => said,
    running: () => child.exitCode === null && child.signalCode === null,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** @param {number} port @param {string} certificate what the server made for itself */
function caller(port, certificate) {
  return async (
    /** @type {string} */ method,
    /** @type {string} */ path,
    /** @type {object | undefined} */ body = undefined,
  ) => {
    const { request } = await import('node:https');
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const ca = readFileSync(certificate);
      const options = { host: '127.0.0.1', port, method, path, headers, ca, timeout: 10_000 };
      const sent = request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, body: text.startsWith('{') ? JSON.parse(text) : text }),
        );
      });
      sent.once('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
}

/** @param {ReturnType<typeof caller>} call @param {ReturnType<typeof start>} server */
async function ready(call, server) {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    try {
      if ((await call('GET', '/readyz')).status === 200) return;
    } catch {
      // Not listening yet.
    }
    if (!server.running() || Date.now() > deadline)
      throw new Error(`kube-apiserver does not get ready: ${server.said()}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** @param {string} folder @param {number} port */
function writeKubeconfig(folder, port) {
  const file = join(folder, 'kubeconfig');
  const authority = readFileSync(join(folder, 'certs', 'apiserver.crt')).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'x', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': authority } },
    ],
    users: [{ name: 'x', user: { token: TOKEN } }],
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    'current-context': 'x',
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
