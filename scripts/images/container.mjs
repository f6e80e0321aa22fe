// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { call } from './tools.mjs';

/** @typedef {Awaited<ReturnType<import('./storage.mjs').Storage['config']>>} ImageConfig */

const KEPT_LINES = 200;

/**
 * One container under runc, as a cluster runs it: a root that cannot be written, a /tmp of 64 MiB, no capabilities, no way to
 * get any, namespaces of its own but for the network, which is this machine's loopback. User, folder, command and variables are the image's.
 */
export class Container {
  /** Standard output and error, the last of them. @type {string[]} */
  lines = [];
  /** @type {(() => void)[]} */
  #waiting = [];
  #runc;

  /**
   * @param {{name: string, rootfs: string, image: ImageConfig, work: string, env?: Record<string, string>, args?: readonly string[], memoryBytes?: number}} given
   *   `args` instead of the image's command
   */
  constructor({ name, rootfs, image, work, env = {}, args, memoryBytes }) {
    this.name = name;
    this.id = `parley-${process.pid}-${name}`;
    const bundle = join(work, 'bundles', this.id);
    mkdirSync(bundle, { recursive: true });
    this.#runc = ['--root', join(work, 'runc')];
    const command = args ?? [...image.Entrypoint, ...(image.Cmd ?? [])];
    const spec = runtimeSpec(this.id, rootfs, image, { command, env, memoryBytes });
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec, undefined, 2));
    this.startedAt = performance.now();
    this.process = spawn('runc', [...this.#runc, 'run', '--bundle', bundle, this.id], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    /** @type {Promise<number | null>} */
    this.ended = new Promise((resolve) => this.process.once('close', (code) => resolve(code)));
    void this.ended.then(() => this.#wake());
    for (const stream of [this.process.stdout, this.process.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines = [...this.lines.slice(1 - KEPT_LINES), line];
        this.#wake();
      });
    }
  }

  #wake() {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  get running() {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /**
   * Waits for the line that says it is ready.
   * @param {number} [deadlineMs]
   * @returns {Promise<number>} milliseconds since it was started
   */
  async ready(deadlineMs = 60_000) {
    const deadline = performance.now() + deadlineMs;
    while (!this.lines.some((line) => line.startsWith('{"ready":true'))) {
      if (!this.running || performance.now() > deadline) throw new Error(`${this.name} is not ready:\n${this.tail()}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve(undefined);
        });
      });
    }
    return performance.now() - this.startedAt;
  }

  /** Of its first process, as this machine numbers it. @returns {Promise<number>} */
  async pid() {
    return JSON.parse(await call('runc', [...this.#runc, 'state', this.id])).pid;
  }

  /** Runs a command inside, as its user. @param {readonly string[]} command @returns {Promise<string>} its standard output */
  execute(command) {
    return call('runc', [...this.#runc, 'exec', this.id, ...command]);
  }

  /** @param {string} program of Node @returns {Promise<string>} its standard output */
  evaluate(program) {
    return this.execute(['node', '--input-type=module', '--eval', program]);
  }

  /** @param {NodeJS.Signals} signal @returns {Promise<unknown>} */
  signal(signal) {
    return call('runc', [...this.#runc, 'kill', this.id, signal]);
  }

  /** @param {number} deadlineMs @returns {Promise<{code: number | null, ms: number}>} */
  async stop(deadlineMs) {
    const begun = performance.now();
    await this.signal('SIGTERM');
    const late = setTimeout(() => void this.kill(), deadlineMs);
    const code = await this.ended;
    clearTimeout(late);
    return { code, ms: performance.now() - begun };
  }

  async kill() {
    if (this.running) await this.signal('SIGKILL').catch(() => this.process.kill('SIGKILL'));
    await this.ended;
    await call('runc', [...this.#runc, 'delete', '--force', this.id]).catch(() => undefined);
  }

  tail() {
    return this.lines.slice(-20).join('\n');
  }
}

/**
 * @param {string} id
 * @param {string} rootfs
 * @param {ImageConfig} image
 * @param {{command: readonly string[], env: Record<string, string>, memoryBytes: number | undefined}} given
 */
function runtimeSpec(id, rootfs, image, { command, env, memoryBytes }) {
  const [uid, gid] = image.User.split(':').map(Number);
  const none = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };
  return {
    ociVersion: '1.0.2',
    hostname: id,
    root: { path: rootfs, readonly: true },
    process: {
      terminal: false,
      user: { uid, gid },
      args: command,
      env: [...image.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      cwd: image.WorkingDir,
      capabilities: none,
      noNewPrivileges: true,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      {
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
      },
      { destination: '/sys', type: 'none', source: '/sys', options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777', 'size=64m'] },
    ],
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      cgroupsPath: `/${id}`,
      resources: memoryBytes === undefined ? {} : { memory: { limit: memoryBytes } },
      maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}
