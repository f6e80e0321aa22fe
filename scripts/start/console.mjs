// @ts-check
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readStamp } from './build.mjs';
import { lastLines, run } from './commands.mjs';
import { Fingerprint } from './fingerprint.mjs';
import { StartError, step } from './say.mjs';

const HOME = 'services/console';
const STAMP = 'node_modules/.cache/parley-console';
/** What the page is made of, besides the libraries that were compiled before. */
const OWN = ['src', 'public', 'rules', 'index.html', 'vite.config.ts', 'package.json'];
const LIBRARIES = ['contracts', 'dialects', 'ot', 'client', 'react'];

/** What must be compiled before it: the SDK. @param {string} root @returns {string[]} */
export function consoleProjects(root) {
  return isHere(root) ? ['libs/react'] : [];
}

/** Bundles the web page when something of it has changed; `build()` comes first. @param {string} root */
export async function buildConsole(root) {
  const home = join(root, HOME);
  if (!isHere(root)) return;
  const stamp = join(root, STAMP);
  const before = fingerprint(root);
  if (readStamp(stamp) === before && existsSync(join(home, 'dist', 'index.html'))) return;
  await step('Building the console', async () => {
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    const { code, output } = await run(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: home });
    if (code !== 0) throw new StartError(`the console could not be built: ${lastLines(output)}`);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, before);
  });
}

/** @param {string} root */
function fingerprint(root) {
  const print = new Fingerprint();
  for (const name of OWN) print.add(join(root, HOME, name));
  for (const name of LIBRARIES) print.add(join(root, 'libs', name, 'src'));
  print.add(join(root, 'package-lock.json'));
  return print.value;
}

/** A clone may be without it. @param {string} root */
function isHere(root) {
  return existsSync(join(root, HOME, 'index.html'));
}
