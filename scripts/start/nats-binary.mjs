// @ts-check
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from './commands.mjs';
import { canInstall, installPackage } from './debian.mjs';
import { downloadNats } from './nats-download.mjs';
import { StartError, step } from './say.mjs';

/**
 * A nats-server to run: on PATH or where packages put one, else Debian's (as root), else the official release.
 * @param {string} home where a download is kept
 * @returns {Promise<string>} its path
 */
export async function findOrInstallNats(home) {
  const found = findNats(home);
  if (found !== undefined) return found;
  /** @type {string[]} */
  const reasons = [];
  if (canInstall()) {
    const reason = await step('Installing nats-server (apt-get)', installFromDebian);
    const installed = findNats(home);
    if (installed !== undefined) return installed;
    reasons.push(`apt-get: ${reason ?? 'installed nothing that can be run'}`);
  }
  try {
    return await step('Downloading nats-server', () => downloadNats(home));
  } catch (error) {
    reasons.push(`download: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new StartError(
    `no nats-server to be had (${reasons.join('; ')}); install it, or set PARLEY_NATS_URL to one with JetStream`,
  );
}

/** @param {string} home @returns {string | undefined} */
export function findNats(home) {
  const name = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  // Debian keeps it in /usr/sbin, which is not on everybody's PATH; `go install` puts it into GOPATH/bin.
  const goPath = process.env['GOPATH'] ?? join(homedir(), 'go');
  const folders = [...onPath, '/usr/sbin', '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin', join(goPath, 'bin')];
  return [...folders, join(home, 'bin')].map((folder) => join(folder, name)).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** @returns {Promise<string | undefined>} why it failed */
async function installFromDebian() {
  const reason = await installPackage('nats-server');
  // On a machine with systemd the package starts a server of its own, which nobody asked for and which holds port 4222.
  if (existsSync('/run/systemd/system')) await run('systemctl', ['disable', '--now', 'nats-server']);
  return reason;
}
