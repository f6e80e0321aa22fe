// @ts-check
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.mjs';

/** The release that CI runs too. */
export const NATS_VERSION = '2.15.2';

const SYSTEMS = new Map([
  ['linux', 'linux'],
  ['darwin', 'darwin'],
  ['freebsd', 'freebsd'],
]);
const MACHINES = new Map([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
  ['arm', 'arm7'],
  ['ia32', '386'],
  ['s390x', 's390x'],
  ['ppc64', 'ppc64le'],
]);

/**
 * Fetches the official release for this machine, checks it against the release's own list of checksums and keeps the
 * server in `<home>/bin`.
 * @param {string} home
 * @param {{base?: string, platform?: string, arch?: string}} [from] other places, for tests
 * @returns {Promise<string>} its path
 */
export async function downloadNats(home, from = {}) {
  const platform = from.platform ?? process.platform;
  const system = SYSTEMS.get(platform);
  const machine = MACHINES.get(from.arch ?? process.arch);
  if (system === undefined || machine === undefined) throw new Error(`there is no release for ${platform} here`);

  const base = from.base ?? `https://github.com/nats-io/nats-server/releases/download/v${NATS_VERSION}`;
  const folder = `nats-server-v${NATS_VERSION}-${system}-${machine}`;
  const archive = `${folder}.tar.gz`;
  const [sums, data] = await Promise.all([fetchAll(`${base}/SHA256SUMS`), fetchAll(`${base}/${archive}`)]);
  const expected = checksumOf(sums.toString('utf8'), archive);
  const actual = createHash('sha256').update(data).digest('hex');
  if (expected === undefined) throw new Error(`the release's SHA256SUMS does not name ${archive}`);
  if (expected !== actual) throw new Error(`${archive} has checksum ${actual}, its release says ${expected}`);

  mkdirSync(join(home, 'bin'), { recursive: true });
  const work = mkdtempSync(join(home, 'download-'));
  try {
    writeFileSync(join(work, archive), data);
    const { code, output } = await run('tar', ['-xzf', archive, `${folder}/nats-server`], { cwd: work });
    const unpacked = join(work, folder, 'nats-server');
    if (code !== 0 || !existsSync(unpacked)) throw new Error(`${archive} could not be unpacked: ${output.trim()}`);
    const path = join(home, 'bin', 'nats-server');
    // Beside its final place first, so that an interrupted copy is never taken for a server.
    copyFileSync(unpacked, `${path}.new`);
    chmodSync(`${path}.new`, 0o755);
    renameSync(`${path}.new`, path);
    return path;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Lines are `<hex>  <file>`. @param {string} sums @param {string} file @returns {string | undefined} */
export function checksumOf(sums, file) {
  for (const line of sums.split('\n')) {
    const [hex, name] = line.trim().split(/\s+\*?/);
    if (name === file && /^[0-9a-f]{64}$/i.test(hex ?? '')) return hex?.toLowerCase();
  }
  return undefined;
}

/** @param {string} url */
async function fetchAll(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(120_000) });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`${url}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause: error });
  }
}
