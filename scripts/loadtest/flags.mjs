// @ts-check
import { StartError } from '../start/say.mjs';
import { DIALECTS, QUESTIONS } from './questions.mjs';

/** @typedef {import('./questions.mjs').Dialect} Dialect */
/** @typedef {import('./questions.mjs').Question} Question */

/**
 * @typedef {object} Flags
 * @property {readonly Question[]} questions
 * @property {readonly Dialect[]} dialects none: all that a question has
 * @property {'scale' | 'sizing' | undefined} run of those that are more than a script
 * @property {Record<string, number>} settings
 * @property {readonly string[]} urls none: a cluster of its own
 * @property {number} gateways
 * @property {boolean} smoke
 * @property {boolean} help
 */

const names = QUESTIONS.map(({ name, asks }) => `    ${name.padEnd(16)} ${asks}`).join('\n');

export const usage = `Load tests: what comes out is checked message by message, and thresholds decide.

  npm run loadtest -- [questions or dialects] [flags]

${names}
    scale            three gateways behind HAProxy: spread, rolling restart, one killed (a cluster of its own)
    sizing           connections and deliveries against the sizing model (a cluster of its own)

  A dialect (${DIALECTS.join(', ')}) asks its questions; with a question, only that one.

  --vus N          clients at once; each question has its own default
  --seconds N      how long messages are sent
  --per-second N   messages of one sender, or sessions of one pair
  --patience N     times as much as the thresholds of latency allow (default 1)
  --gateways N     of the cluster that is started (default 2)
  --url URL        gateways or a load balancer that run already, several with commas; nothing is started
  --smoke          some clients and some seconds each
  --help           this text

k6 is taken from PATH, or built by Go into .parley/bin. The exit code is 1 when a threshold fails.`;

const NUMBERS = /** @type {const} */ ({
  '--vus': 'VUS',
  '--seconds': 'SECONDS',
  '--per-second': 'PER_SECOND',
  '--patience': 'PATIENCE',
});

/** @param {readonly string[]} args @returns {Flags} */
export function parseFlags(args) {
  /** @type {Flags} */
  const flags = {
    questions: [],
    dialects: [],
    run: undefined,
    settings: {},
    urls: [],
    gateways: 2,
    smoke: false,
    help: false,
  };
  /** @type {string[]} */
  const wanted = [];
  const rest = args.flatMap((arg) => (arg.startsWith('--') && arg.includes('=') ? arg.split(/=(.*)/s, 2) : [arg]));
  while (rest.length > 0) {
    const arg = rest.shift() ?? '';
    if (arg in NUMBERS) flags.settings[NUMBERS[/** @type {keyof typeof NUMBERS} */ (arg)]] = number(arg, rest.shift());
    else if (arg === '--gateways') flags.gateways = number(arg, rest.shift());
    else if (arg === '--url') flags.urls = [...flags.urls, ...(rest.shift() ?? '').split(',').map(withoutSlash)];
    else if (arg === '--smoke') flags.smoke = true;
    else if (arg === '--help' || arg === '-h') flags.help = true;
    else if (arg.startsWith('-')) throw new StartError(`unknown flag ${arg}; npm run loadtest -- --help lists them`);
    else wanted.push(arg);
  }
  return choose(flags, wanted);
}

/** @param {Flags} flags @param {readonly string[]} wanted @returns {Flags} */
function choose(flags, wanted) {
  const dialects = DIALECTS.filter((dialect) => wanted.includes(dialect));
  const named = QUESTIONS.filter(({ name }) => wanted.includes(name));
  const run = /** @type {const} */ (['scale', 'sizing']).find((name) => wanted.includes(name));
  const known = [...DIALECTS, ...QUESTIONS.map(({ name }) => name), 'scale', 'sizing'];
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new StartError(`no question or dialect ${unknown.join(', ')}; npm run loadtest -- --help lists them`);
  }
  if (run !== undefined && (named.length > 0 || flags.urls.length > 0)) {
    throw new StartError(`${run} is by itself, with a cluster of its own`);
  }
  if (flags.urls.length > 0 && named.some(({ kills }) => kills)) {
    throw new StartError('reconnect-herd kills a gateway: it takes a cluster of its own, without --url');
  }
  const asked = named.length > 0 ? named : run === undefined ? QUESTIONS : [];
  const questions = asked.filter(
    (question) =>
      (dialects.length === 0 || question.dialects.some((dialect) => dialects.includes(dialect))) &&
      !(question.kills === true && flags.urls.length > 0),
  );
  return { ...flags, dialects, run, questions };
}

/** @param {string} url */
function withoutSlash(url) {
  if (!URL.canParse(url)) throw new StartError(`--url needs a URL such as http://127.0.0.1:8080, not "${url}"`);
  return url.replace(/^ws/, 'http').replace(/\/$/, '');
}

/** @param {string} flag @param {string | undefined} value */
function number(flag, value) {
  if (value === undefined || !/^\d{1,6}(\.\d+)?$/.test(value) || Number(value) === 0) {
    throw new StartError(`${flag} needs a number above 0`);
  }
  return Number(value);
}
