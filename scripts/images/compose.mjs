// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { root } from './tools.mjs';

/**
 * @typedef {{image: string, environment: Record<string, string | number>, build?: {args: Record<string, string>} | undefined, ports?: string[],
 *   read_only: boolean, tmpfs: string[], cap_drop: string[], security_opt: string[], mem_limit: string, restart: string,
 *   stop_grace_period: string, healthcheck: {test: string[]}, networks: string[], depends_on?: Record<string, {condition: string}>}} ComposeService
 * @typedef {{services: Record<string, ComposeService>, networks: Record<string, {internal?: boolean}>, volumes: object}} Compose
 */

export const composeFile = join(root, 'docker', 'compose.yaml');
export const exampleFile = join(root, 'docker', 'example.env');

/**
 * The compose file with its variables filled in, as Compose does.
 * @param {Record<string, string>} variables
 * @returns {Compose}
 */
export function readCompose(variables) {
  const document = parseDocument(readFileSync(composeFile, 'utf8'), { merge: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw problem;
  return document.toJS({ reviver: (_, value) => (typeof value === 'string' ? interpolate(value, variables) : value) });
}

/** What Compose knows of `${…}` and we use: a default, or an error. @param {string} text @param {Record<string, string>} variables */
export function interpolate(text, variables) {
  return text.replaceAll(/\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g, (_, name, kind, rest) => {
    const value = variables[name] ?? '';
    if (value !== '' || kind === undefined) return value;
    if (kind === '?') throw new Error(`${name}: ${rest}`);
    return rest;
  });
}

/** Names and values of an env file. @param {string} text @returns {Record<string, string>} */
export function readEnvFile(text) {
  const lines = text.split('\n').flatMap((line) => {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(lines);
}

/** Those that nobody can do without, for a trial. @type {Record<string, string>} */
export const trialSecrets = {
  POSTGRES_PASSWORD: 'parley',
  NATS_PASSWORD: 'a-password-for-nats',
  AUTH_KEY_SECRET: 'a-secret-for-the-keys-of-a-trial',
};

/** Such as `512m` or `1g`. @param {string} text */
export function bytesOf(text) {
  const [, number, unit] = /^(\d+)([mg])$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`${text} is no size`);
  return Number(number) * (unit === 'g' ? 2 ** 30 : 2 ** 20);
}

/** Such as `15s`. @param {string} text */
export function secondsOf(text) {
  const [, number] = /^(\d+)s$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`${text} is no time in seconds`);
  return Number(number);
}
