// @ts-check
// `npm run loadtest -- chat --vus 200`: starts what it needs, asks with k6, says what came out; `-- --help` shows every flag.
import { dirname, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from './loadtest/ask.mjs';
import { startLoadCluster } from './loadtest/cluster.mjs';
import { parseFlags, usage } from './loadtest/flags.mjs';
import { findK6 } from './loadtest/k6.mjs';
import { curveOf, reportOf } from './loadtest/report.mjs';
import { build } from './start/build.mjs';
import { checkNode, installDependencies } from './start/dependencies.mjs';
import { PROJECTS } from './start/launcher.mjs';
import { findOrInstallNats } from './start/nats-binary.mjs';
import { complain, inOneLine, say, step } from './start/say.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stopping = new AbortController();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => stopping.abort());

try {
  checkNode(process.versions.node);
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) say(usage);
  else process.exitCode = (await main(flags)) ? 0 : 1;
} catch (error) {
  complain(inOneLine(error));
  process.exitCode = 1;
}

/** @param {import('./loadtest/flags.mjs').Flags} flags @returns {Promise<boolean>} every threshold held */
async function main(flags) {
  await installDependencies(root);
  const k6 = await findK6();
  await build(root, [...PROJECTS, 'libs/testing', 'loadtests']);
  if (flags.urls.length > 0) return askAll(k6, flags, flags.urls);
  const nats = await findOrInstallNats(join(root, '.parley'));
  process.env['PATH'] = `${process.env['PATH'] ?? ''}${delimiter}${dirname(nats)}`;
  if (flags.run === 'scale') {
    const { runScale } = await import('./loadtest/scale.mjs');
    return runScale({ k6, settings: flags.settings, smoke: flags.smoke, signal: stopping.signal, tell: say });
  }
  if (flags.run === 'sizing') {
    const { runSizing } = await import('./loadtest/sizing.mjs');
    return runSizing({ k6, settings: flags.settings, smoke: flags.smoke, signal: stopping.signal, tell: say });
  }
  const { cluster, stop } = await step('Starting a cluster', () => startLoadCluster({ gateways: flags.gateways }));
  try {
    const urls = cluster.gateways.map(({ url }) => url);
    return await askAll(k6, flags, urls, {
      killGateway: async (number) => void (await cluster.kill(`gateway-${number}`)),
      mend: () => cluster.restart(`gateway-${flags.gateways}`),
    });
  } finally {
    await stop();
  }
}

/**
 * @param {string} k6
 * @param {import('./loadtest/flags.mjs').Flags} flags
 * @param {readonly string[]} urls
 * @param {{killGateway: (number: number) => Promise<void>, mend: () => Promise<void>}} [own]
 */
async function askAll(k6, flags, urls, own) {
  let passed = true;
  for (const question of flags.questions) {
    if (stopping.signal.aborted) return false;
    say(`\n${question.name}: ${question.asks}`);
    const settings = { ...(flags.smoke ? question.smoke : {}), ...flags.settings };
    const { finished, board } = await ask(question, {
      k6,
      urls,
      dialects: flags.dialects,
      settings,
      signal: stopping.signal,
      ...(own === undefined ? {} : { killGateway: own.killGateway }),
    });
    for (const line of reportOf(question.name, finished)) say(line);
    for (const happened of board.list('steps'))
      for (const line of curveOf(happened, board.list('returns').flat())) say(line);
    if (question.kills === true) await own?.mend();
    passed &&= finished.passed;
  }
  return passed;
}
