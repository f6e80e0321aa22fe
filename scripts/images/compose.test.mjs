// @ts-check
// What docker/compose.yaml says, checked against the code, the chart, and Compose's own schema.
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { hasGo, moduleFolder } from '../go.mjs';
import { findNats } from '../start/nats-binary.mjs';
import { serviceOptions, sharedOptions } from '../start/options.mjs';
import { run } from '../start/commands.mjs';
import { composeFile, exampleFile, readCompose, readEnvFile, secondsOf, trialSecrets } from './compose.mjs';
import { root } from './tools.mjs';

/** Whose schema it is checked against, where Go can fetch it. */
const COMPOSE_GO = /** @type {const} */ (['github.com/compose-spec/compose-go/v2', 'v2.9.0']);

const services = readdirSync(join(root, 'services')).filter((name) =>
  existsSync(join(root, 'services', name, 'src', `${name}.options.ts`)),
);
const compose = readCompose(trialSecrets);
const processes = Object.entries(compose.services).filter(([name]) => !['nats', 'postgres'].includes(name));
/** @param {{build?: {args: Record<string, string>} | undefined}} service */
const serviceOf = (service) => service.build?.args['SERVICE'] ?? '';
const text = readFileSync(composeFile, 'utf8');
const go = await hasGo();

describe('compose.yaml', () => {
  test.skipIf(!go)('is what Compose expects', { timeout: 300_000 }, async () => {
    const folder = await moduleFolder(...COMPOSE_GO);
    const schema = JSON.parse(readFileSync(join(folder, 'schema', 'compose-spec.json'), 'utf8'));
    const ajv = new Ajv({ strict: false, allErrors: true });
    // @ts-expect-error its types describe a default export that Node does not see
    addFormats(ajv);
    ajv.addFormat('duration', /^(\d+(\.\d+)?(us|ms|s|m|h))+$/);
    const validate = ajv.compile({ ...schema, $schema: undefined });
    validate(compose);
    expect(validate.errors).toBeNull();
  });

  test('runs every service, and two gateways', () => {
    expect(processes.map(([, service]) => serviceOf(service)).sort()).toEqual([...services, 'gateway'].sort());
    for (const [name, service] of processes) {
      expect(name.replace(/-\d$/, '')).toBe(serviceOf(service));
      expect(service.image).toBe(`parley/${serviceOf(service)}:dev`);
    }
  });

  test('sets options that the process has, to values that it takes', async () => {
    const { loadOptions } = await import('@parley/config');
    const { common, database } = await sharedOptions(root);
    for (const [name, { environment, ...service }] of processes) {
      const own = (await serviceOptions(root, serviceOf(service))) ?? [];
      const known = [...own, ...common, ...(serviceOf(service) === 'gateway' ? [] : database)].map(({ env }) => env);
      for (const variable of Object.keys(environment)) expect(known, `${name}: ${variable}`).toContain(variable);
      const env = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value)]));
      for (const definitions of await definitionsOf(serviceOf(service))) loadOptions(definitions, env);
    }
  });

  test('opens what gateways listen on, each port once', async () => {
    const rows = (await serviceOptions(root, 'gateway')) ?? [];
    const listens = JSON.parse(rows.find(({ env }) => env === 'PARLEY_GATEWAY_PORTS')?.default ?? '');
    const outside = new Set();
    for (const [name, { ports = [] }] of Object.entries(compose.services)) {
      const pairs = ports.map((port) => /^127\.0\.0\.1:(\d+):(\d+)$/.exec(port) ?? []);
      expect(pairs.map(([, , inside]) => Number(inside))).toEqual(name.startsWith('gateway') ? listens : []);
      for (const [, port] of pairs) {
        expect(outside).not.toContain(port);
        outside.add(port);
      }
    }
  });

  test('lets processes do no more than they need', () => {
    for (const [name, service] of processes) {
      expect(service, name).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        tmpfs: ['/tmp:size=64m,mode=1777'],
        restart: 'unless-stopped',
      });
      expect(service.networks).toEqual(serviceOf(service) === 'gateway' ? ['outside', 'bus'] : ['bus', 'data']);
    }
    expect(compose.services['nats']?.networks).toEqual(['bus']);
    expect(compose.services['postgres']?.networks).toEqual(['data']);
    expect([compose.networks['bus']?.internal, compose.networks['data']?.internal]).toEqual([true, true]);
  });

  test('waits longer for a process to end than the process takes', () => {
    for (const [name, { environment, stop_grace_period: grace }] of processes) {
      const own = Number(environment['PARLEY_SHUTDOWN_SECONDS']) + Number(environment['PARLEY_DRAIN_SECONDS'] ?? 0);
      expect(secondsOf(grace), name).toBeGreaterThan(own);
    }
  });

  test('has the NATS and the Postgres of the chart', () => {
    const { nats, postgres } = parse(readFileSync(join(root, 'charts', 'parley', 'values.yaml'), 'utf8'));
    expect(compose.services['nats']?.image).toBe(`${nats.image.repository}:${nats.image.tag}`);
    expect(compose.services['postgres']?.image).toBe(`${postgres.image.repository}:${postgres.image.tag}`);
  });

  test('asks for each secret that is missing, and for nothing that example.env does not name', () => {
    for (const name of Object.keys(trialSecrets)) {
      expect(() => readCompose({ ...trialSecrets, [name]: '' })).toThrow(`${name}: set it in docker/.env`);
    }
    const used = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
    const example = readEnvFile(readFileSync(exampleFile, 'utf8'));
    expect([...new Set(used)].sort()).toEqual(Object.keys(example).sort());
    // What it names is what holds without it.
    const filled = Object.entries(example).filter(([, value]) => value !== '');
    expect(readCompose({ ...Object.fromEntries(filled), ...trialSecrets })).toEqual(compose);
  });
});

const nats = findNats(join(root, '.parley'));

test.skipIf(nats === undefined)('nats.conf is one that nats-server takes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-compose-'));
  try {
    const env = { ...process.env, NATS_PASSWORD: trialSecrets['NATS_PASSWORD'] };
    const { code, output } = await run(nats ?? '', ['-t', '-c', join(root, 'docker', 'nats.conf')], {
      cwd: folder,
      env,
    });
    expect(code, output).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @param {string} service @returns {Promise<any[]>} what its code reads of the environment */
async function definitionsOf(service) {
  const { commonOptions, databaseOptions } = await import('@parley/service');
  const module = await import(join(root, 'services', service, 'dist', `${service}.options.js`));
  return [commonOptions, ...(service === 'gateway' ? [] : [databaseOptions]), module[`${service}Options`]];
}
