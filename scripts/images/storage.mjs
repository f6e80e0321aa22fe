// @ts-check
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { call } from './tools.mjs';

/** buildah with a storage of its own, so that it neither sees nor leaves anything elsewhere. */
export class Storage {
  #options;
  #env;

  /** @param {string} home a folder for it alone */
  constructor(home) {
    for (const name of ['layers', 'run', 'tmp']) mkdirSync(join(home, name), { recursive: true });
    this.#options = ['--storage-driver', 'overlay', '--root', join(home, 'layers'), '--runroot', join(home, 'run')];
    this.#env = { ...process.env, TMPDIR: join(home, 'tmp') };
  }

  /** @param {readonly string[]} args @returns {Promise<string>} */
  async buildah(...args) {
    return (await call('buildah', [...this.#options, ...args], { env: this.#env, yields: true })).trim();
  }

  /** @param {string} image */
  async has(image) {
    return (await this.buildah('images', '--format', '{{.Name}}:{{.Tag}}')).split('\n').includes(image);
  }

  /**
   * What an image says of itself.
   * @param {string} image
   * @returns {Promise<{Env: string[], Entrypoint: string[], Cmd?: string[], User: string, WorkingDir: string, Labels: Record<string, string>}>}
   */
  async config(image) {
    return JSON.parse(await this.buildah('inspect', '--type', 'image', image)).OCIv1.config;
  }

  /** @param {string} image @returns {Promise<{folder: string, release: () => Promise<unknown>}>} its files */
  async mount(image) {
    const container = await this.buildah('from', '--pull-never', image);
    const folder = await this.buildah('mount', container);
    return { folder, release: () => this.buildah('rm', container) };
  }

  /** Ends every mount. @param {boolean} empty whether the images go, too */
  async close(empty) {
    await this.buildah('rm', '--all');
    if (empty) await this.buildah('rmi', '--all', '--force');
  }

  /** @param {string} image @returns {Promise<number>} bytes, unpacked */
  async size(image) {
    const images = JSON.parse(await this.buildah('images', '--json', image));
    return sizeOf(images[0].size);
  }
}

/** Such as `253 MB`, which is all that buildah says. @param {string} text */
function sizeOf(text) {
  const [number = '', unit = ''] = text.split(' ');
  return Number(number) * ({ KB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1);
}
