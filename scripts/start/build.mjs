// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './commands.mjs';
import { Fingerprint } from './fingerprint.mjs';
import { StartError, complain, step } from './say.mjs';

/** Packages and their sources; everything else (tests of the scripts, docs) is never compiled. */
const FOLDERS = ['libs', 'services', 'conformance', 'bench', 'loadtests'];
const STAMP = 'node_modules/.cache/parley-build';

/**
 * Compiles what has changed. The compiler itself would need seconds to find that nothing has, so we look first.
 * @param {string} root
 * @param {readonly string[]} [projects] folders with a tsconfig.json; the whole workspace when left out
 */
export async function build(root, projects = []) {
  // One stamp for each choice: what was built for one of them says nothing of the others.
  const stampFile = join(root, projects.length === 0 ? STAMP : `${STAMP}-${digest(projects.join())}`);
  const before = fingerprint(root);
  if (readStamp(stampFile) === before && builtDoors(root, projects)) return;
  await step('Building', async () => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { code, output } = await run(process.execPath, [tsc, '-b', ...projects], { cwd: root });
    if (code !== 0) {
      const lines = output.trim().split('\n');
      for (const line of lines.slice(0, 10)) complain(`  ${line}`);
      throw new StartError(`the build failed with ${lines.length} lines of errors; npm run build shows all`);
    }
    mkdirSync(dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, before);
  });
}

/** @param {string} text */
function digest(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** What was built then. @param {string} file */
export function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** A dist folder that somebody removed has no stamp of its own. @param {string} root @param {readonly string[]} projects */
function builtDoors(root, projects) {
  const all = projects.length > 0 ? [...projects, 'libs/contracts'] : sourceFolders(root);
  return all.every(
    (folder) => existsSync(join(root, folder, 'dist')) && existsSync(join(root, folder, 'tsconfig.tsbuildinfo')),
  );
}

/** @param {string} root @returns {string[]} */
function sourceFolders(root) {
  return FOLDERS.flatMap((folder) => {
    const path = join(root, folder);
    if (!existsSync(path)) return [];
    if (existsSync(join(path, 'tsconfig.json'))) return [folder];
    return readdirSync(path).map((name) => `${folder}/${name}`);
  }).filter((folder) => existsSync(join(root, folder, 'src')) && existsSync(join(root, folder, 'tsconfig.json')));
}

/** Everything that the compiler reads. @param {string} root */
function fingerprint(root) {
  const print = new Fingerprint();
  for (const name of ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json']) print.add(join(root, name));
  for (const folder of sourceFolders(root)) {
    for (const name of ['tsconfig.json', 'package.json', 'src']) print.add(join(root, folder, name));
  }
  return print.value;
}
