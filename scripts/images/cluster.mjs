// @ts-check
// A cluster of containers on this machine: each runs as compose.yaml says it should, but for addresses and ports.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGuard } from '../start/guard-pipe.mjs';
import { imageOf } from './build.mjs';
import { bytesOf, readCompose, secondsOf, trialSecrets } from './compose.mjs';
import { Container } from './container.mjs';
import { root } from './tools.mjs';

/**
 * @typedef {import('./storage.mjs').Storage} Storage
 * @typedef {import('./compose.mjs').ComposeService} ComposeService
 * @typedef {{name: string, service: string, container: Container, probes: string, ports: number[], coldStartMs: number,
 *   graceMs: number, drainMs: number, healthcheck: string[]}} Running `probes`: where /livez, /readyz and /metrics are; `ports`: of a gateway
 * @typedef {{natsUrl: string, databaseUrl: string, freePort: () => Promise<number>}} Place
 */

const chartFiles = join(root, 'charts', 'parley', 'files');

export class ImageCluster {
  /** In the order in which they were started. @type {Running[]} */
  running = [];
  /** Every one that was ever started. @type {Container[]} */
  #containers = [];
  /** By service: its files, and what the image says. @type {Map<string, {folder: string, release: () => Promise<unknown>, config: import('./container.mjs').ImageConfig}>} */
  images = new Map();
  #compose = readCompose(trialSecrets);
  /** Containers do not end with us by themselves. */
  #guard = startGuard();

  /** @param {Storage} storage @param {string} work @param {Place} place */
  constructor(storage, work, place) {
    this.storage = storage;
    this.work = work;
    this.place = place;
  }

  /** @param {readonly string[]} services */
  async open(services) {
    for (const service of services) {
      const image = imageOf(service);
      this.images.set(service, { ...(await this.storage.mount(image)), config: await this.storage.config(image) });
    }
  }

  /** What the chart's Job runs before an upgrade. @param {string} service @returns {Promise<string>} what it said */
  migrate(service) {
    return this.script(service, 'migrate.mjs', {
      PARLEY_SCHEMA: service,
      PARLEY_DATABASE_URL: this.place.databaseUrl,
    });
  }

  /**
   * One of the chart's scripts, as its pods run it.
   * @param {string} service whose image
   * @param {string} file
   * @param {Record<string, string>} env
   * @returns {Promise<string>} what it said
   */
  async script(service, file, env) {
    const args = ['node', '--input-type=module', '--eval', readFileSync(join(chartFiles, file), 'utf8')];
    const container = this.#container(`${file.replace('.mjs', '')}-${service}`, service, { args, env, memory: '256m' });
    const code = await container.ended;
    if (code !== 0) throw new Error(`${file} in the image of ${service} ended with ${code}:\n${container.tail()}`);
    return container.lines.join('\n');
  }

  /** Starts a process of the compose file and waits until it is ready. @param {string} name such as `gateway-1` */
  async start(name) {
    const described = this.#compose.services[name];
    if (described === undefined) throw new Error(`compose.yaml has no ${name}`);
    const service = described.build?.args['SERVICE'] ?? '';
    const metricsPort = await this.place.freePort();
    const ports = service === 'gateway' ? [await this.#port(), await this.#port(), await this.#port()] : [];
    const env = this.#environment(described, metricsPort, ports);
    const container = this.#container(name, service, { env, memory: described.mem_limit });
    const coldStartMs = await container.ready();
    const pid = await container.pid();
    this.#guard.add(pid, 'SIGTERM');
    void container.ended.then(() => this.#guard.remove(pid));
    const running = {
      name,
      service,
      container,
      probes: `http://127.0.0.1:${metricsPort}`,
      ports,
      coldStartMs,
      graceMs: 1_000 * secondsOf(described.stop_grace_period),
      drainMs: 1_000 * Number(env['PARLEY_DRAIN_SECONDS'] ?? 0),
      healthcheck: described.healthcheck.test.map((part) => part.replace('127.0.0.1:9464', `127.0.0.1:${metricsPort}`)),
    };
    this.running.push(running);
    return running;
  }

  #port() {
    return this.place.freePort();
  }

  /** @param {ComposeService} described @param {number} metricsPort @param {readonly number[]} ports @returns {Record<string, string>} */
  #environment({ environment }, metricsPort, ports) {
    const { natsUrl, databaseUrl } = this.place;
    return {
      ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)])),
      PARLEY_NATS_URL: natsUrl,
      ...('PARLEY_DATABASE_URL' in environment ? { PARLEY_DATABASE_URL: databaseUrl } : {}),
      ...(ports.length > 0
        ? { PARLEY_GATEWAY_PORTS: JSON.stringify(ports), PARLEY_GATEWAY_HOST: '127.0.0.1', PARLEY_DRAIN_SECONDS: '2' }
        : {}),
      PARLEY_METRICS_HOST: '127.0.0.1',
      PARLEY_METRICS_PORT: String(metricsPort),
      PARLEY_ANNOUNCE: '1',
    };
  }

  /** @param {string} name @param {string} service @param {{args?: string[], env: Record<string, string>, memory: string}} given */
  #container(name, service, { args, env, memory }) {
    const image = this.images.get(service);
    if (image === undefined) throw new Error(`the image of ${service} is not open`);
    const container = new Container({
      name,
      rootfs: image.folder,
      image: image.config,
      work: this.work,
      env,
      memoryBytes: bytesOf(memory),
      ...(args === undefined ? {} : { args }),
    });
    this.#containers.push(container);
    return container;
  }

  /** Whatever still runs is killed: those that end well have ended before. */
  async close() {
    await Promise.all(this.#containers.map((container) => container.kill()));
    for (const { release } of this.images.values()) await release();
    await this.#guard.close();
  }
}
