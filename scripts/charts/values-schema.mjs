// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { USERS } from './nats-users.mjs';
import { optionRows } from './option-rows.mjs';

/** @typedef {Record<string, any>} Schema */

const text = { type: 'string' };
const seconds = { type: 'integer', minimum: 0, maximum: 3600 };
const replicas = { type: 'integer', minimum: 1, maximum: 1000 };
const free = { type: 'object' };
const strings = { type: 'object', additionalProperties: text };
const objects = { type: 'array', items: free };
const hostnames = { type: 'array', items: { type: 'string', minLength: 1 } };
const port = { type: 'integer', minimum: 1, maximum: 65535 };
const size = { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi)$' };
const natsSize = { type: 'string', pattern: '^[0-9]+(KB|MB|GB|TB)$' };
const countOrPercent = {
  anyOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', pattern: '^[0-9]{1,3}%$' },
  ],
};
const resources = {
  type: 'object',
  additionalProperties: false,
  properties: {
    requests: { $ref: '#/definitions/quantities' },
    limits: { $ref: '#/definitions/quantities' },
    claims: objects,
  },
};
const quantities = { type: 'object', additionalProperties: { type: ['string', 'number'] } };

/** What the default value does not say by its type. Keys are paths of values.yaml, `*` is any one name. */
const RULES = /** @type {Record<string, Schema>} */ ({
  'image.digests': {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(USERS.map((name) => [name, { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }])),
  },
  'image.repository': { type: 'string', minLength: 1 },
  'image.pullSecrets': hostnames,
  '*.digest': { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
  '*.pullPolicy': { enum: ['Always', 'IfNotPresent', 'Never'] },
  logLevel: { enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] },
  'tracing.endpoint': { type: 'string', pattern: '^(https?://.+)?$' },
  'tracing.sampleRatio': { type: 'number', minimum: 0, maximum: 1 },
  '*.replicas': replicas,
  '*.extraEnv': { type: 'array', items: { type: 'object', required: ['name'] } },
  '*.resources': { $ref: '#/definitions/resources' },
  '*.podLabels': strings,
  '*.podAnnotations': strings,
  '*.labels': strings,
  '*.annotations': strings,
  '*.nodeSelector': strings,
  '*.tolerations': objects,
  '*.affinity': free,
  'gateway.drain.preStopSeconds': { type: 'integer', minimum: 1, maximum: 600 },
  'gateway.drain.windowSeconds': { type: 'integer', minimum: 0, maximum: 600 },
  '*.shutdownSeconds': { type: 'integer', minimum: 1, maximum: 600 },
  'gateway.rollout.maxSurge': countOrPercent,
  'gateway.rollout.maxUnavailable': countOrPercent,
  'gateway.rollout.minReadySeconds': seconds,
  'gateway.autoscaling.minReplicas': replicas,
  'gateway.autoscaling.maxReplicas': replicas,
  'gateway.autoscaling.connectionsPerPod': { type: 'integer', minimum: 0 },
  'gateway.autoscaling.connectionsMetric': { type: 'string', minLength: 1 },
  'gateway.autoscaling.cpuPercent': { type: 'integer', minimum: 0, maximum: 1000 },
  'gateway.autoscaling.scaleDown.stabilizationSeconds': seconds,
  'gateway.autoscaling.scaleDown.pods': replicas,
  'gateway.autoscaling.scaleDown.periodSeconds': { type: 'integer', minimum: 1, maximum: 1800 },
  'gateway.podDisruptionBudget.maxUnavailable': countOrPercent,
  'gateway.service.type': { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
  'gateway.service.externalTrafficPolicy': { enum: ['', 'Cluster', 'Local'] },
  'gateway.service.ports.*': port,
  'gateway.topologySpread.whenUnsatisfiable': { enum: ['ScheduleAnyway', 'DoNotSchedule'] },
  'migrations.activeDeadlineSeconds': { type: 'integer', minimum: 30, maximum: 86400 },
  'nats.backends': {
    type: 'object',
    propertyNames: { pattern: '^[a-z][a-z0-9]{0,31}$', not: { enum: [...USERS] } },
    additionalProperties: { type: 'array', items: { type: 'string', pattern: '^X-[A-Za-z0-9_-]{1,64}$' } },
  },
  'nats.replicas': { enum: [1, 3] },
  'nats.maxPayload': { type: 'string', pattern: '^([2-9]|[1-5][0-9]|6[0-4])MB$' },
  'nats.jetstream.*': natsSize,
  '*.storage.size': size,
  'externalNats.url': { type: 'string', pattern: '^((nats|tls)://[^,]+(,(nats|tls)://[^,]+)*)?$' },
  'externalNats.port': port,
  'externalNats.streamReplicas': { type: 'integer', minimum: 1, maximum: 5 },
  'externalNats.login': { enum: ['none', 'user', 'token', 'users'] },
  'postgres.maxConnections': { type: 'integer', minimum: 20, maximum: 10000 },
  'externalPostgres.port': port,
  'externalPostgres.urlKey': { type: 'string', minLength: 1 },
  'ingress.controller': { enum: ['nginx', 'haproxy', 'traefik', 'alb', 'none'] },
  // The slowest dialect closes a silent socket after 90 s.
  'ingress.timeoutSeconds': { type: 'integer', minimum: 120, maximum: 86400 },
  'httpRoute.parentRefs': objects,
  'httpRoute.hostnames.*': hostnames,
  'httpRoute.requestTimeout': { type: 'string', pattern: '^(0s|[0-9]+(h|m|s))?$' },
  'networkPolicy.clients': objects,
  'networkPolicy.backends': objects,
  'networkPolicy.monitoringNamespaces': free,
  'monitoring.serviceMonitor.interval': { type: 'string', pattern: '^[0-9]+(ms|s|m)$' },
  'securityContext.*': { type: 'integer', minimum: 1 },
  'tests.timeoutSeconds': { type: 'integer', minimum: 5, maximum: 600 },
});

/**
 * The schema of values.yaml: every map is closed, so that a typo is an error and not a default.
 * @param {string} root
 * @returns {Schema}
 */
export function valuesSchema(root) {
  const values = parse(readFileSync(join(root, 'charts', 'parley', 'values.yaml'), 'utf8'));
  const { gateway, services, serviceDefaults, ...others } = values;
  /** @type {Schema} */
  const properties = { global: free };
  for (const [name, value] of Object.entries(others)) properties[name] = schemaOf(value, [name]);
  properties['gateway'] = { ...schemaOf(gateway, ['gateway']) };
  properties['gateway'].properties.options = optionsSchema(root, 'gateway');
  properties['serviceDefaults'] = serviceSchema(root, undefined, serviceDefaults);
  properties['services'] = {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.keys(services).map((name) => [name, serviceSchema(root, name, serviceDefaults)]),
    ),
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart parley',
    type: 'object',
    additionalProperties: false,
    definitions: { quantities, resources },
    properties,
  };
}

/** @param {string} root @param {string | undefined} service undefined: what all of them have @param {any} defaults */
function serviceSchema(root, service, defaults) {
  const schema = schemaOf(defaults, ['services']);
  schema['properties'].options = optionsSchema(root, service ?? 'every');
  return schema;
}

/** @param {any} value @param {readonly string[]} path @returns {Schema} */
function schemaOf(value, path) {
  const rule = ruleFor(path);
  if (rule !== undefined) return rule;
  if (Array.isArray(value)) throw new Error(`${path.join('.')}: a list needs a rule`);
  if (typeof value === 'object' && value !== null) {
    const properties = Object.entries(value).map(([name, inner]) => [name, schemaOf(inner, [...path, name])]);
    if (properties.length === 0 && path.at(-1) !== 'options')
      throw new Error(`${path.join('.')}: an open map needs a rule`);
    return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) };
  }
  if (typeof value === 'number') throw new Error(`${path.join('.')}: a number needs a rule with its limits`);
  return { type: typeof value };
}

/** @param {readonly string[]} path @returns {Schema | undefined} */
function ruleFor(path) {
  const last = path.at(-1) ?? '';
  const names = [path.join('.'), `${path.slice(0, -1).join('.')}.*`, `*.${path.slice(-2).join('.')}`, `*.${last}`];
  return names.map((name) => RULES[name]).find((rule) => rule !== undefined);
}

/** @param {string} root @param {string} service @returns {Schema} */
function optionsSchema(root, service) {
  const rows = optionRows(root, service);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      rows.map(({ env, value, doc }) => [env, { description: doc, ...optionSchema(value) }]),
    ),
  };
}

/** @param {string} value as docs/generated/OPTIONS.md says it @returns {Schema} */
function optionSchema(value) {
  const [, kind, low, high] = /^(integer|number), (\S+) to (\S+)$/.exec(value) ?? [];
  if (kind !== undefined) return { type: kind, minimum: Number(low), maximum: Number(high) };
  if (value.startsWith('one of ')) return { enum: value.slice('one of '.length).split(', ') };
  if (value.startsWith('boolean')) return { type: 'boolean' };
  if (value === 'JSON') return { type: ['array', 'object', 'string'] };
  return { type: 'string' };
}
