// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './commands.mjs';
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

/** @param {string} file */
function readStamp(file) {
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

/** Names, sizes and times of everything that the compiler reads. @param {string} root */
function fingerprint(root) {
  const hash = createHash('sha256');
  const add = (/** @type {string} */ path) => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  for (const name of ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json']) add(join(root, name));
  for (const folder of sourceFolders(root)) {
    add(join(root, folder, 'tsconfig.json'));
    if (existsSync(join(root, folder, 'package.json'))) add(join(root, folder, 'package.json'));
    for (const file of walk(join(root, folder, 'src'))) add(file);
  }
  return hash.digest('hex');
}

/** @param {string} folder @returns {Generator<string>} */
function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}
