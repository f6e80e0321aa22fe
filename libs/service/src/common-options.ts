import { defineOptions, option, type Options } from '@parley/config';
import { logLevels } from '@parley/telemetry';

const traceSamplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** What every process of Parley can be told. */
export const commonOptions = defineOptions({
  natsUrl: option.string({
    env: 'PARLEY_NATS_URL',
    default: 'nats://127.0.0.1:4222',
    secret: true,
    doc: 'NATS server, or several separated by commas.',
  }),
  natsUser: option.string({ env: 'PARLEY_NATS_USER', optional: true, doc: 'User for NATS.' }),
  natsPassword: option.secret({ env: 'PARLEY_NATS_PASSWORD', optional: true, doc: 'Password for NATS.' }),
  natsToken: option.secret({ env: 'PARLEY_NATS_TOKEN', optional: true, doc: 'Token for NATS, instead of a user.' }),
  natsReplicas: option.integer({
    env: 'PARLEY_NATS_REPLICAS',
    default: 1,
    min: 1,
    max: 5,
    doc: 'Copies of each stream; no more than there are NATS servers.',
  }),
  metricsPort: option.integer({
    env: 'PARLEY_METRICS_PORT',
    default: 9464,
    min: 0,
    max: 65_535,
    doc: 'Port of /livez, /readyz and /metrics; 0 takes any free one.',
  }),
  metricsHost: option.string({
    env: 'PARLEY_METRICS_HOST',
    default: '0.0.0.0',
    doc: 'Address on which probes and metrics are served.',
  }),
  logLevel: option.choice({
    env: 'PARLEY_LOG_LEVEL',
    choices: logLevels,
    default: 'info',
    doc: 'Lines of this level and above are written.',
  }),
  traceSampleRatio: option.number({
    env: 'PARLEY_TRACE_SAMPLE_RATIO',
    default: 0.05,
    min: 0,
    max: 1,
    doc: 'Part of the traces that is recorded, when there is a collector.',
  }),
  traceSampler: option.choice({
    env: 'OTEL_TRACES_SAMPLER',
    choices: traceSamplers,
    optional: true,
    doc: 'OpenTelemetry’s name for the same, which wins. A decision that came with a request is followed in any case.',
  }),
  traceSamplerArgument: option.number({
    env: 'OTEL_TRACES_SAMPLER_ARG',
    default: 1,
    min: 0,
    max: 1,
    doc: 'The part, where OTEL_TRACES_SAMPLER is one of the ratios.',
  }),
  traceTrustIncoming: option.boolean({
    env: 'PARLEY_TRACE_TRUST_INCOMING',
    default: false,
    doc: 'Continue the traces of HTTP requests; only behind an ingress that sets or removes `traceparent` itself.',
  }),
  otlpEndpoint: option.url({
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    optional: true,
    protocols: ['http:', 'https:'],
    doc: 'Collector for traces (OTLP over HTTP, protobuf). Unset, none are recorded.',
  }),
  telemetryDisabled: option.boolean({
    env: 'OTEL_SDK_DISABLED',
    default: false,
    doc: 'Neither traces nor metrics.',
  }),
  shutdownSeconds: option.integer({
    env: 'PARLEY_SHUTDOWN_SECONDS',
    default: 10,
    min: 1,
    max: 600,
    doc: 'Longest time from SIGTERM to the end, without a gateway’s draining.',
  }),
  version: option.string({
    env: 'PARLEY_VERSION',
    default: 'dev',
    doc: 'Version that metrics and traces report.',
  }),
  announce: option.boolean({
    env: 'PARLEY_ANNOUNCE',
    default: false,
    doc: 'Write one JSON line {"ready":true,"port":…} to standard output when ready. For start scripts and tests.',
  }),
});
export type CommonOptions = Options<typeof commonOptions>;

/** The part of new traces that is recorded. */
export function sampleRatioOf({ traceSampler, traceSamplerArgument, traceSampleRatio }: CommonOptions): number {
  if (traceSampler === undefined) return traceSampleRatio;
  if (traceSampler.endsWith('always_on')) return 1;
  return traceSampler.endsWith('always_off') ? 0 : traceSamplerArgument;
}

/** Read only by processes that open a database. */
export const databaseOptions = defineOptions({
  databaseUrl: option.url({
    env: 'PARLEY_DATABASE_URL',
    default: 'postgres://parley@127.0.0.1:5432/parley',
    protocols: ['postgres:', 'postgresql:'],
    doc: 'Postgres. Each service keeps to a schema of its own name.',
  }),
  databasePool: option.integer({
    env: 'PARLEY_DATABASE_POOL',
    default: 10,
    min: 1,
    max: 200,
    doc: 'Connections to Postgres for work; three more serve leases and probes.',
  }),
});
export type DatabaseSettings = Options<typeof databaseOptions>;
