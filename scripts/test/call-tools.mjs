// @ts-check
import { existsSync } from 'node:fs';
import { canInstall, installPackage } from '../start/debian.mjs';
import { step } from '../start/say.mjs';

/** What tests run beside Parley: a browser and a TURN server in those of calls, Prometheus in those of dashboards. */
const tools = { chromium: '/usr/bin/chromium', coturn: '/usr/bin/turnserver', prometheus: '/usr/bin/prometheus' };

/** Installs what is missing where that is possible; where it is not, the tests that need it say so. */
export async function installCallTools() {
  if (!canInstall()) return;
  for (const [name, path] of Object.entries(tools)) {
    if (!existsSync(path)) await step(`Installing ${name} (apt-get)`, () => installPackage(name));
  }
}
