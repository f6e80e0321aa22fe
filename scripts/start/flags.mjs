// @ts-check
import { resolve } from 'node:path';
import { StartError } from './say.mjs';

/**
 * @typedef {object} Flags
 * @property {number} gateways how many gateway processes
 * @property {number} portOffset added to every port
 * @property {string} home where data and logs live
 * @property {boolean} help
 */

export const usage = `Starts a whole Parley on this machine and stops it on Ctrl-C.

  npm start -- [flags]

  --gateways N      gateways to start (default 1, at most 8); gateway n listens on ports + 10·(n-1)
  --port-offset N   added to every port: 10000 turns 8080, 8081, 8000 into 18080, 18081, 18000
  --home DIR        where data and logs live (default .parley in this folder)
  --help            this text

PARLEY_NATS_URL and PARLEY_DATABASE_URL use a NATS (with JetStream) or a Postgres that runs elsewhere.
All other PARLEY_* variables are handed to the processes: docs/generated/OPTIONS.md lists them.`;

/**
 * @param {readonly string[]} args
 * @param {string} root the clone
 * @returns {Flags}
 */
export function parseFlags(args, root) {
  const flags = { gateways: 1, portOffset: 0, home: resolve(root, '.parley'), help: false };
  const rest = args.flatMap((arg) => (arg.startsWith('--') && arg.includes('=') ? splitOnce(arg) : [arg]));
  while (rest.length > 0) {
    const flag = rest.shift();
    switch (flag) {
      case '--gateways':
        flags.gateways = number(flag, rest.shift(), 1, 8);
        break;
      case '--port-offset':
        flags.portOffset = number(flag, rest.shift(), 0, 56_000);
        break;
      case '--home':
        flags.home = resolve(text(flag, rest.shift()));
        break;
      case '--help':
      case '-h':
        flags.help = true;
        break;
      default:
        throw new StartError(`unknown flag ${String(flag)}; npm start -- --help lists them`);
    }
  }
  return flags;
}

/** @param {string} arg @returns {string[]} */
function splitOnce(arg) {
  const at = arg.indexOf('=');
  return [arg.slice(0, at), arg.slice(at + 1)];
}

/** @param {string} flag @param {string | undefined} value */
function text(flag, value) {
  if (value === undefined || value === '') throw new StartError(`${flag} needs a value`);
  return value;
}

/** @param {string} flag @param {string | undefined} value @param {number} min @param {number} max */
function number(flag, value, min, max) {
  if (value === undefined || !/^\d{1,6}$/.test(value) || Number(value) < min || Number(value) > max) {
    throw new StartError(`${flag} needs a number from ${min} to ${max}`);
  }
  return Number(value);
}
