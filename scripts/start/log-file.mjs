// @ts-check
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const MOST_BYTES = 16 * 1024 * 1024;

/** Appends to a file; beyond 16 MiB the file becomes `<name>.1`, whose predecessor goes. */
export class LogFile {
  #path;
  #descriptor;
  #size;

  /** @param {string} path */
  constructor(path) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#descriptor = openSync(path, 'a');
    this.#size = fstatSync(this.#descriptor).size;
  }

  /** @param {string} line */
  write(line) {
    try {
      this.#size += writeSync(this.#descriptor, `${line}\n`);
      if (this.#size < MOST_BYTES) return;
      closeSync(this.#descriptor);
      renameSync(this.#path, `${this.#path}.1`);
      this.#descriptor = openSync(this.#path, 'a');
      this.#size = 0;
    } catch {
      // A full disk must not stop what still runs.
    }
  }

  close() {
    closeSync(this.#descriptor);
  }
}
