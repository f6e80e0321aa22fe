// @ts-check
import { Child, howItEnded } from './child.mjs';
import { complain, note, say } from './say.mjs';

/** @typedef {import('./child.mjs').Spec} Spec */

/** A process that keeps falling is not helped by starting it again: five times within a minute, then we give up. */
const MOST_RESTARTS = 5;
const WINDOW_MS = 60_000;
const FIRST_DELAY_MS = 200;

/**
 * @typedef {object} Watch
 * @property {(child: Child) => void} started
 * @property {(child: Child) => void} ended
 * @property {(line: string) => void} gaveUp
 */

/** Keeps one process running until it is stopped. */
export class Supervisor {
  /** @type {Child | undefined} */
  #child;
  /** @type {number[]} */
  #restarts = [];
  #stopping = false;
  /** @type {AbortController} */
  #delay = new AbortController();
  #loop = Promise.resolve();

  /** @param {Spec} spec @param {Watch} watch */
  constructor(spec, watch) {
    this.spec = spec;
    this.watch = watch;
  }

  get running() {
    return this.#child?.running === true;
  }

  /** The first start: fails when the process does, since a restart would only hide what is wrong. */
  async start() {
    const child = this.#spawn();
    await child.ready;
    this.#loop = this.#keep(child);
  }

  /** @param {number} graceMs */
  async stop(graceMs) {
    this.#stopping = true;
    this.#delay.abort();
    await this.#child?.stop(graceMs);
    await this.#loop;
  }

  force() {
    this.#stopping = true;
    this.#delay.abort();
    this.#child?.signal('SIGKILL');
  }

  #spawn() {
    const child = new Child(this.spec);
    this.#child = child;
    this.watch.started(child);
    void child.exited.then(() => this.watch.ended(child));
    return child;
  }

  /** @param {Child} first */
  async #keep(first) {
    let child = first;
    for (;;) {
      const end = await child.exited;
      if (this.#stopping) return;
      const now = Date.now();
      this.#restarts = this.#restarts.filter((at) => now - at < WINDOW_MS);
      if (this.#restarts.length >= MOST_RESTARTS) {
        const { name, log } = this.spec;
        this.watch.gaveUp(
          `${name} stopped (${howItEnded(end)}) for the ${MOST_RESTARTS + 1}th time within a minute; its log is ${log}`,
        );
        return;
      }
      this.#restarts.push(now);
      const next = await this.#again(howItEnded(end));
      if (next === undefined) return;
      child = next;
    }
  }

  /** @param {string} how @returns {Promise<Child | undefined>} */
  async #again(how) {
    const { name } = this.spec;
    const count = this.#restarts.length;
    complain(`${name} stopped (${how}); starting it again (${count} of ${MOST_RESTARTS} within a minute)`);
    await this.#sleep(FIRST_DELAY_MS * 2 ** (count - 1));
    if (this.#stopping) return undefined;
    const begun = Date.now();
    const child = this.#spawn();
    void child.ready.then(
      () => say(`${name} is back after ${((Date.now() - begun) / 1_000).toFixed(1)} s`),
      (/** @type {Error} */ error) => {
        note(error.message);
        // Alive but never ready counts as fallen.
        child.signal('SIGKILL');
      },
    );
    return child;
  }

  /** @param {number} ms */
  #sleep(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#delay.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve(undefined);
      });
    });
  }
}
