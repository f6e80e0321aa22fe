// @ts-check
// `npm run conformance:pack [-- FOLDER]`: the kit as one tarball that needs nothing but Node. Its code and what it uses
// are one file; beside it lie the golden transcripts and the rules of each dialect.
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'vite';
import { build } from '../start/build.mjs';
import { run } from '../start/commands.mjs';
import { checkNode, installDependencies } from '../start/dependencies.mjs';
import { complain, inOneLine, say } from '../start/say.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const source = join(root, 'conformance');
const folder = join(source, 'dist', 'package');
const BIN = 'bin/parley-conformance.js';

/** @param {string} destination where the tarball goes @returns {Promise<string>} its path */
export async function pack(destination) {
  rmSync(folder, { recursive: true, force: true });
  await bundle({
    configFile: false,
    logLevel: 'error',
    root: source,
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: join(source, 'dist', 'bin.js'),
      outDir: join(folder, 'bin'),
      target: 'node20',
      minify: false,
      rollupOptions: { output: { format: 'es', entryFileNames: 'parley-conformance.js', codeSplitting: false } },
    },
  });
  chmodSync(join(folder, BIN), 0o755);
  cpSync(join(source, 'transcripts'), join(folder, 'transcripts'), { recursive: true });
  mkdirSync(join(folder, 'specs'), { recursive: true });
  for (const dialect of readdirSync(join(source, 'transcripts'))) {
    copyFileSync(join(root, 'libs', 'dialects', 'src', dialect, 'SPEC.md'), join(folder, 'specs', `${dialect}.md`));
  }
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  copyFileSync(join(root, 'docs', 'conformance.md'), join(folder, 'README.md'));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  mkdirSync(destination, { recursive: true });
  const { code, output } = await run(
    'npm',
    ['pack', folder, '--json', '--ignore-scripts', '--pack-destination', destination],
    {
      cwd: folder,
    },
  );
  if (code !== 0) throw new Error(`npm pack failed: ${output}`);
  const { name, version } = manifest();
  return join(destination, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
}

/** What is published has no workspace around it, so it names nothing of it. */
function manifest() {
  const { name, version, license } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  return {
    name: String(name),
    version: String(version),
    license: String(license),
    description: 'Does a server speak chat, topics, collab, watch or party? Its rules, tested through real sockets.',
    type: 'module',
    engines: { node: '>=20.19' },
    bin: { 'parley-conformance': BIN },
    files: ['bin', 'transcripts', 'specs'],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    checkNode(process.versions.node);
    await installDependencies(root);
    await build(root, ['conformance']);
    say(await pack(resolve(process.argv[2] ?? root)));
  } catch (error) {
    complain(inOneLine(error));
    process.exitCode = 1;
  }
}
