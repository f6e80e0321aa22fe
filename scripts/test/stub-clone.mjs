// @ts-check
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Says that it is ready, as our services do; ends on SIGTERM; `crash` in its variable makes it end by itself. */
const SERVICE = `
const crash = process.env['STUB_CRASH_' + name.toUpperCase()];
if (crash === 'start') { console.error('the stub was told to fail'); process.exit(1); }
if (crash === 'later') setTimeout(() => process.exit(7), 300);
console.log(JSON.stringify({ level: 40, msg: name + ' warns' }));
console.log(JSON.stringify({ ready: true, port: 0 }));
setInterval(() => undefined, 1_000);
process.on('SIGTERM', () => process.env['STUB_DEAF'] ?? process.exit(0));
export {};
`;

const GATEWAY = `
import { createServer } from 'node:http';
const [port] = JSON.parse(process.env['PARLEY_GATEWAY_PORTS'] ?? '[]');
const server = createServer((request, response) => response.writeHead(request.url === '/readyz' ? 200 : 404).end());
server.listen(port, () => console.log(JSON.stringify({ ready: true, port: 0 })));
process.on('SIGTERM', () => process.exit(0));
`;

/**
 * A folder that looks like a clone, whose services do nothing but run: for what the launcher itself does with processes.
 * @returns {string} its path
 */
export function makeStubClone() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-clone-'));
  cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true });
  // Postgres runs as an account of its own, which must be let in.
  chmodSync(folder, 0o755);
  symlinkSync(join(root, 'libs'), join(folder, 'libs'));
  // A folder of its own, since the launcher keeps its notes on builds there.
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '.cache') symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.base.json', 'tsconfig.json']) {
    cpSync(join(root, name), join(folder, name));
  }
  for (const service of ['auth', 'presence', 'messaging', 'signaling', 'rooms', 'session', 'gateway']) {
    const home = join(folder, 'services', service);
    for (const inner of ['dist', 'src']) mkdirSync(join(home, inner), { recursive: true });
    writeFileSync(join(home, 'src', 'stub.ts'), 'export {};\n');
    const compilerOptions = { rootDir: 'src', outDir: 'dist' };
    writeFileSync(
      join(home, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions, include: ['src'] }),
    );
    const program = service === 'gateway' ? GATEWAY : `const name = '${service}';${SERVICE}`;
    writeFileSync(join(home, 'package.json'), '{"type":"module"}\n');
    writeFileSync(join(home, 'dist', 'main.js'), program);
  }
  return folder;
}
