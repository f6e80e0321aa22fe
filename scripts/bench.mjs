// @ts-check
// `npm run bench`: builds, then measures. Nothing here is a test: the figures depend on the machine.
//   npm run bench -- fan-out latency     only these
//   npm run bench -- --quick             fewer repetitions, for a look
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './start/build.mjs';
import { checkNode, installDependencies } from './start/dependencies.mjs';
import { findOrInstallNats } from './start/nats-binary.mjs';
import { complain, inOneLine } from './start/say.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  checkNode(process.versions.node);
  await installDependencies(root);
  const nats = await findOrInstallNats(join(root, '.parley'));
  await build(root);
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}${delimiter}${dirname(nats)}` };
  const main = join(root, 'bench', 'dist', 'main.js');
  const child = spawn(process.execPath, [main, ...process.argv.slice(2)], { cwd: root, env, stdio: 'inherit' });
  // The child gets the terminal's signals itself; we only wait for its end.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} catch (error) {
  complain(inOneLine(error));
  process.exitCode = 1;
}
