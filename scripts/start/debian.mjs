// @ts-check
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { lastLines, run } from './commands.mjs';
import { note } from './say.mjs';

/** Whether packages can be installed here: Debian or one of its kin, and we are root. */
export function canInstall() {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return false;
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release);
}

/** @param {string} name @returns {Promise<string | undefined>} why it failed */
export async function installPackage(name) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (/** @type {string[]} */ ...args) =>
    run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], { env });
  if (!hasPackageLists()) {
    const update = await apt('update');
    note(update.output);
    if (update.code !== 0) return lastLines(update.output);
  }
  let install = await apt('install', '-y', '--no-install-recommends', name);
  if (install.code !== 0) {
    // Lists that are there but old name versions that the mirror no longer has.
    await apt('update');
    install = await apt('install', '-y', '--no-install-recommends', name);
  }
  note(install.output);
  return install.code === 0 ? undefined : lastLines(install.output);
}

function hasPackageLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.endsWith('_Packages') || name.includes('_Packages.'));
  } catch {
    return false;
  }
}
