// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Names, sizes and times of files and of all files in folders; what does not exist counts as nothing. */
export class Fingerprint {
  #hash = createHash('sha256');

  /** @param {string} path a file or a folder */
  add(path) {
    if (!existsSync(path)) return;
    const { size, mtimeMs } = statSync(path);
    if (!statSync(path).isDirectory()) {
      this.#hash.update(`${path} ${size} ${mtimeMs}\n`);
      return;
    }
    for (const name of readdirSync(path).sort()) this.add(join(path, name));
  }

  get value() {
    return this.#hash.digest('hex');
  }
}
