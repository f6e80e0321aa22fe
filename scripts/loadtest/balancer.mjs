// @ts-check
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canInstall, installPackage } from '../start/debian.mjs';
import { step } from '../start/say.mjs';

/** What docs/operations.md recommends, with the places left open. */
export const CONFIG = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'loadtests', 'haproxy.cfg');
const READY_MS = 20_000;

/** Installs it where that is possible. @returns {Promise<string | undefined>} undefined: it cannot be had */
export async function findHaproxy() {
  const find = () =>
    [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
      .map((folder) => join(folder, 'haproxy'))
      .find((place) => existsSync(place));
  if (find() === undefined && canInstall()) await step('Installing haproxy (apt-get)', () => installPackage('haproxy'));
  return find();
}

/**
 * @typedef {object} Balancer
 * @property {string} url
 * @property {() => Promise<number[]>} spread open connections by gateway, as the balancer counts them
 * @property {() => Promise<void>} stop
 */

/**
 * HAProxy in front of three gateways; resolves when it has found all of them ready.
 * @param {string} haproxy
 * @param {readonly string[]} gateways `http://host:port`, three
 * @returns {Promise<Balancer>}
 */
export async function startBalancer(haproxy, gateways) {
  const { freePort } = await import('@parley/testing');
  const [port, statsPort] = [await freePort(), await freePort()];
  const places = Object.fromEntries(gateways.map((url, index) => [`GATEWAY_${index + 1}`, new URL(url).host]));
  const env = { ...process.env, BIND: `127.0.0.1:${port}`, STATS: `127.0.0.1:${statsPort}`, ...places };
  const child = spawn(haproxy, ['-db', '-f', CONFIG], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (/** @type {Buffer} */ chunk) => (said = (said + chunk.toString()).slice(-4_096)));
  const ended = new Promise((resolve) => child.once('close', resolve));
  process.on('exit', () => child.kill('SIGKILL'));
  const rows = () => statsOf(statsPort);
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const up = await rows().then(
      (all) => all.filter(({ status }) => status === 'UP').length,
      () => 0,
    );
    if (up === gateways.length) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`haproxy did not find ${gateways.length} gateways; ${said.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url: `http://127.0.0.1:${port}`,
    spread: async () => (await rows()).map(({ open }) => open),
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Of the gateways, as its page of figures has them. @param {number} port */
async function statsOf(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/;csv`, { signal: AbortSignal.timeout(2_000) })).text();
  const [head = '', ...lines] = text.split('\n');
  const columns = head.replace(/^# /, '').split(',');
  const cell = (/** @type {string[]} */ cells, /** @type {string} */ name) => cells[columns.indexOf(name)] ?? '';
  return lines
    .map((line) => line.split(','))
    .filter((cells) => cell(cells, 'svname').startsWith('gateway-'))
    .map((cells) => ({ status: cell(cells, 'status'), open: Number(cell(cells, 'scur')) }));
}
