// @ts-check
// `npm run conformance -- --url …`: the rules of a dialect against a running server; `-- --help` shows every flag.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './start/build.mjs';
import { checkNode, installDependencies } from './start/dependencies.mjs';
import { complain, inOneLine, say } from './start/say.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  checkNode(process.versions.node);
  await installDependencies(root);
  await build(root, ['conformance']);
  const cli = new URL('../conformance/dist/cli.js', import.meta.url);
  /** @type {{ main(args: readonly string[], say: (text: string) => void): Promise<number> }} */
  const { main } = await import(cli.href);
  process.exitCode = await main(process.argv.slice(2), say);
} catch (error) {
  complain(inOneLine(error));
  process.exitCode = 1;
}
