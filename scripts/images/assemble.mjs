// @ts-check
// Picks what one service needs at run time out of the built workspace. Runs while an image is built, with nothing but Node:
//   node scripts/images/assemble.mjs gateway /out
// makes /out/app (to be /app) and, beside it, /out/node_modules (to be /app/node_modules), which changes less often.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of packages: what is for those who read or develop them. */
const NO_CODE = /\.([cm]?ts|md|markdown|map|test\.[cm]?js)$/i;
const NO_CODE_FOLDERS = new Set([
  'test',
  'tests',
  '__tests__',
  'benchmark',
  'benchmarks',
  'doc',
  'docs',
  'example',
  'examples',
]);

/** @typedef {{name: string, dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>, peerDependencies?: Record<string, string>, peerDependenciesMeta?: Record<string, {optional?: boolean}>}} Manifest */

/**
 * The packages that a service runs with: its own dependencies and theirs, as Node would find them, without those for
 * development. Throws when one is missing that is not optional.
 * @param {string} root
 * @param {string} service
 * @returns {{workspaces: string[], packages: string[]}} folders relative to the root: of the workspace, and of node_modules
 */
export function closure(root, service) {
  const start = join(root, 'services', service);
  /** @type {Set<string>} */
  const found = new Set([start]);
  const queue = [start];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    for (const { name, optional } of wanted(manifestOf(folder))) {
      const dependency = find(root, folder, name);
      if (dependency === undefined) {
        if (optional) continue;
        throw new Error(`${name}, which ${relative(root, folder)} depends on, is not installed`);
      }
      if (found.has(dependency)) continue;
      found.add(dependency);
      queue.push(dependency);
    }
  }
  const all = [...found].map((folder) => relative(root, folder)).sort();
  const installed = (/** @type {string} */ folder) => folder.split(sep).includes('node_modules');
  return { workspaces: all.filter((folder) => !installed(folder)), packages: all.filter(installed) };
}

/** @param {string} folder @returns {Manifest} */
function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** @param {Manifest} manifest @returns {{name: string, optional: boolean}[]} */
function wanted({ dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} }) {
  const all = [
    ...Object.keys(dependencies).map((name) => ({ name, optional: name in optionalDependencies })),
    ...Object.keys(optionalDependencies).map((name) => ({ name, optional: true })),
    // Of the others, those are there that somebody else wants.
    ...Object.keys(peerDependencies)
      .filter((name) => peerDependenciesMeta[name]?.optional !== true)
      .map((name) => ({ name, optional: false })),
  ];
  return all.filter(({ name }) => !name.startsWith('@types/'));
}

/** Looks where Node looks: beside the package, then further out. @param {string} root @param {string} from @param {string} name */
function find(root, from, name) {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return realpathSync(place);
    if (folder === root) return undefined;
  }
}

/** @param {string} root @param {string} service @param {string} out */
export function assemble(root, service, out) {
  if (!existsSync(join(root, 'services', service, 'dist', 'main.js'))) {
    throw new Error(`"${service}" is no built service; say which with --build-arg SERVICE=gateway`);
  }
  const { workspaces, packages } = closure(realpathSync(root), service);
  for (const folder of packages) {
    // Those inside of another package's folder come by themselves; not all of them may be needed.
    const to = folder.startsWith('node_modules') ? join(out, folder) : join(out, 'app', folder);
    cpSync(join(root, folder), to, { recursive: true, filter: (source) => keeps(join(root, folder), source) });
  }
  for (const folder of workspaces) {
    for (const part of ['package.json', 'dist', 'migrations']) {
      const from = join(root, folder, part);
      if (existsSync(from)) cpSync(from, join(out, 'app', folder, part), { recursive: true, filter: isOurCode });
    }
    const { name } = manifestOf(join(root, folder));
    const link = join(out, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), join(out, folder)), link);
  }
  if (service === 'gateway') addConsole(root, out);
}

/** The console's pages, which the gateway serves; it looks for them from its own place. @param {string} root @param {string} out */
function addConsole(root, out) {
  const pages = join('services', 'console', 'dist');
  if (existsSync(join(root, pages))) cpSync(join(root, pages), join(out, 'app', pages), { recursive: true });
}

/** Of a package: without those that it has of its own, which are picked one by one. @param {string} folder @param {string} source */
function keeps(folder, source) {
  const parts = relative(folder, source).split(sep);
  if (parts.includes('node_modules') || NO_CODE_FOLDERS.has(parts[0] ?? '')) return false;
  return !NO_CODE.test(source) || /licen[cs]e|notice/i.test(source);
}

/** Maps stay: they turn lines in a stack trace into those of the sources. @param {string} source */
function isOurCode(source) {
  return !/\.(d\.ts|d\.ts\.map|tsbuildinfo)$/.test(source);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [service = '', out = ''] = process.argv.slice(2);
  try {
    const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
    assemble(root, service, out);
    process.stdout.write(`${service}: ${readdirSync(join(out, 'node_modules')).length} folders in node_modules\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
