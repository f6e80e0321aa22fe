// @ts-check
// Runs a tutorial as its reader would. A fenced block is
//   js     a file, named by its first line (`// tutorial/hear.mjs`)
//   sh     a command; after `<!-- terminal: name -->` it stays in the background under that name
//   text   what the last command, or the terminal that is named before it, has to print: these lines, in this order; … is anything
//   none   what the reader does before
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const FENCE = /^(?:<!-- terminal: (?<terminal>\S+) -->\n+)?```(?<kind>[a-z]*)\n(?<text>[\s\S]*?)^```$/gm;
const COMMAND_MS = 60_000;

/**
 * @typedef {{kind: 'js' | 'sh' | 'text', text: string, terminal: string | undefined}} Step
 * @typedef {{folder: string, adapt: (text: string) => string}} Surroundings `adapt`: the reader's addresses and keys, as they are here
 */

/** @param {string} markdown @returns {Step[]} */
export function stepsOf(markdown) {
  /** @type {Step[]} */
  const steps = [];
  for (const { groups } of markdown.matchAll(FENCE)) {
    const { kind, text = '', terminal } = groups ?? {};
    if (kind === '') continue;
    if (kind !== 'js' && kind !== 'sh' && kind !== 'text') throw new Error(`what is a block of ${kind}?`);
    steps.push({ kind, text, terminal });
  }
  return steps;
}

/** Throws where it prints something else than the page says. @param {string} page @param {Surroundings} surroundings */
export async function runTutorial(page, { folder, adapt }) {
  /** @type {Map<string, Terminal>} */
  const terminals = new Map();
  let last = new Terminal();
  mkdirSync(folder, { recursive: true });
  try {
    for (const { kind, text, terminal } of stepsOf(readFileSync(page, 'utf8'))) {
      if (kind === 'js') {
        write(folder, adapt(text));
      } else if (kind === 'sh') {
        last = new Terminal();
        last.run(adapt(text), folder);
        if (terminal === undefined) await last.ended();
        else terminals.set(terminal, last);
      } else {
        const where = terminal === undefined ? last : terminals.get(terminal);
        if (where === undefined) throw new Error(`there is no terminal ${terminal}`);
        await where.prints(text);
      }
    }
  } catch (error) {
    throw new Error(`${basename(page)}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    await Promise.all([...terminals.values()].map((one) => one.close()));
  }
}

/** @param {string} folder @param {string} text */
function write(folder, text) {
  const name = /^\/\/ (tutorial\/[\w.-]+)\n/.exec(text)?.[1];
  if (name === undefined) throw new Error('a program does not say in its first line which file it is');
  mkdirSync(join(folder, dirname(name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

class Terminal {
  #output = '';
  /** How much of it has been found on the page. */
  #seen = 0;
  #over = false;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  /** @type {Promise<number | null>} */
  #exit = Promise.resolve(0);
  /** @type {() => void} */
  #news = () => undefined;

  /** @param {string} command @param {string} cwd */
  run(command, cwd) {
    // A group of its own, so that what it starts ends with it.
    const child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        this.#output += text;
        this.#news();
      });
    }
    this.#exit = new Promise((resolve) => {
      child.on('close', (code) => {
        this.#over = true;
        resolve(code);
        this.#news();
      });
    });
  }

  async ended() {
    const timer = setTimeout(() => this.#kill(), COMMAND_MS);
    const code = await this.#exit;
    clearTimeout(timer);
    if (code !== 0) throw new Error(`a command ended with ${code}:\n${this.#output}`);
  }

  /** @param {string} expected */
  async prints(expected) {
    for (const line of expected.trimEnd().split('\n')) await this.#printsLine(line);
  }

  async close() {
    this.#kill();
    await this.#exit;
  }

  /** @param {string} line */
  async #printsLine(line) {
    const pattern = new RegExp(`^${line.split('…').map(escape).join('.*')}$`, 'm');
    const deadline = Date.now() + COMMAND_MS;
    for (;;) {
      const found = pattern.exec(this.#output.slice(this.#seen));
      if (found !== null) {
        this.#seen += found.index + found[0].length;
        return;
      }
      const left = deadline - Date.now();
      if (this.#over || left <= 0)
        throw new Error(`expected\n  ${line}\nbut it printed\n${this.#output.slice(this.#seen)}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#news = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }

  #kill() {
    const pid = this.#child?.pid;
    if (this.#over || pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
