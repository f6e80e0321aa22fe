// @ts-check
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a person did or has to change, said in one line; anything else that is thrown is a fault of ours. */
export class StartError extends Error {
  /** @override */
  name = 'StartError';
}

/** @type {string | undefined} */
let file;

/** From here on, everything that is said is kept in this file too. @param {string} path */
export function keepIn(path) {
  mkdirSync(dirname(path), { recursive: true });
  file = path;
}

/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
  note(line);
}

/** @param {string} line */
export function complain(line) {
  process.stderr.write(`${line}\n`);
  note(line);
}

/** Into the file only. @param {string} line */
export function note(line) {
  if (file === undefined) return;
  try {
    appendFileSync(file, `${new Date().toISOString()} ${line}\n`);
  } catch {
    // A full disk must not stop what still runs.
  }
}

/**
 * Runs one step, which is mentioned only once it takes longer than a second.
 * @template T
 * @param {string} what such as "Installing dependencies"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const begun = Date.now();
  let mentioned = false;
  const timer = setTimeout(() => {
    mentioned = true;
    say(`${what} …`);
  }, 1_000);
  try {
    const result = await work();
    if (mentioned) say(`${what}: done in ${((Date.now() - begun) / 1_000).toFixed(1)} s`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}

/** @param {unknown} error @returns {string} in one line */
export function inOneLine(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, '; ').trim();
}

// A reader that goes away (`npm start | head`) is no reason to take the cluster down.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
