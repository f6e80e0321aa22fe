import {
  context,
  diag,
  DiagLogLevel,
  metrics,
  propagation,
  trace,
  type Meter,
  type TracerProvider,
} from '@opentelemetry/api';
import { envDetector, detectResources, resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { contextManager } from './context-manager.js';
import { instrumentations } from './instrumentations.js';
import type { Logger } from './logger.js';
import { observeProcess } from './process-metrics.js';
import { PrometheusReader } from './prometheus.js';
import { parentOrRatio, sampleRoots } from './sampling.js';
import { TimingsProducer } from './timings.js';
import { TraceparentPropagator } from './traceparent.js';

export type { SpanProcessor } from '@opentelemetry/sdk-trace-node';

export interface TelemetryOptions {
  readonly service: string;
  readonly version: string;
  /** Tells replicas apart. */
  readonly instanceId?: string;
  /** Part of the traces that start here which is recorded, 0 to 1; default 0.05. A parent's decision is followed. */
  readonly sampleRatio?: number;
  /** Follow `traceparent` of incoming HTTP requests; default false. */
  readonly trustIncoming?: boolean;
  /** Send spans by OTLP. Where to, the exporter reads from OTEL_EXPORTER_OTLP_* itself. */
  readonly exportSpans?: boolean;
  /** Neither spans nor metrics. */
  readonly disabled?: boolean;
  /** Beside the OTLP exporter; for tests. */
  readonly spanProcessors?: readonly SpanProcessor[];
  /** Where OpenTelemetry's own complaints go, such as a collector that does not answer. */
  readonly logger?: Pick<Logger, 'warn' | 'error'>;
}

interface Running {
  readonly tracers: NodeTracerProvider;
  readonly meters: MeterProvider;
  readonly reader: PrometheusReader;
  readonly meter: Meter;
}

let running: Running | undefined;
const meterListeners = new Set<(meter: Meter) => void>();

/**
 * Starts tracing and metrics, once per process. Spans are recorded only when there is somewhere to send them;
 * otherwise they have ids for the log and cost next to nothing.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<void> {
  if (running !== undefined) throw new Error('telemetry has been started already');
  if (options.disabled === true) return;
  if (options.logger !== undefined) logDiagnostics(options.logger);
  const resource = resourceOf(options);
  const processors = [...(options.spanProcessors ?? []), ...(options.exportSpans === true ? [await otlp()] : [])];
  const ratio = processors.length === 0 ? 0 : (options.sampleRatio ?? 0.05);
  const tracers = new NodeTracerProvider({
    resource,
    sampler: processors.length === 0 ? new AlwaysOffSampler() : parentOrRatio(ratio),
    spanProcessors: processors,
  });
  sampleRoots(ratio);
  tracers.register({ contextManager, propagator: new TraceparentPropagator(options.trustIncoming ?? false) });
  const reader = new PrometheusReader({ metricProducers: [new TimingsProducer(resource)] });
  const meters = new MeterProvider({ resource, readers: [reader] });
  metrics.setGlobalMeterProvider(meters);
  setProviders(tracers, meters);
  running = { tracers, meters, reader, meter: meters.getMeter('parley') };
  observeProcess(running.meter);
  for (const listener of meterListeners) listener(running.meter);
}

/** Sends what is left of the spans, for `deadlineMs` at most. */
export async function shutdownTelemetry(deadlineMs = 3_000): Promise<void> {
  const stopping = running;
  if (stopping === undefined) return;
  running = undefined;
  sampleRoots(0);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs);
  });
  const work = Promise.allSettled([stopping.tracers.shutdown(), stopping.meters.shutdown()]);
  await Promise.race([work, late]);
  clearTimeout(timer);
  // So that a later start, as in tests, is not refused as a duplicate.
  trace.disable();
  metrics.disable();
  propagation.disable();
  context.disable();
}

/** All metrics as Prometheus text; empty before the start. */
export async function metricsText(): Promise<string> {
  return running === undefined ? '' : await running.reader.text();
}

/** The meter of this run; undefined before the start and after the end. */
export function currentMeter(): Meter | undefined {
  return running?.meter;
}

/** Told of the meter of this run, if there is one, and of those of later starts. */
export function onMeter(listener: (meter: Meter) => void): () => void {
  meterListeners.add(listener);
  if (running !== undefined) listener(running.meter);
  return () => meterListeners.delete(listener);
}

async function otlp(): Promise<SpanProcessor> {
  // Loaded only when used: it is the slowest part of the start.
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  return new BatchSpanProcessor(new OTLPTraceExporter());
}

function resourceOf({ service, version, instanceId }: TelemetryOptions): Resource {
  const own = resourceFromAttributes({
    'service.name': service,
    'service.version': version,
    ...(instanceId === undefined ? {} : { 'service.instance.id': instanceId }),
  });
  // OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win: whoever sets them means it.
  return own.merge(detectResources({ detectors: [envDetector] }));
}

function setProviders(tracers: TracerProvider, meters: MeterProvider): void {
  for (const instrumentation of instrumentations) {
    instrumentation.setTracerProvider(tracers);
    instrumentation.setMeterProvider(meters);
  }
}

function logDiagnostics(logger: Pick<Logger, 'warn' | 'error'>): void {
  const quiet = (): void => undefined;
  diag.setLogger(
    {
      error: (message, ...details) => {
        logger.error({ details }, `OpenTelemetry: ${message}`);
      },
      warn: (message, ...details) => {
        logger.warn({ details }, `OpenTelemetry: ${message}`);
      },
      info: quiet,
      debug: quiet,
      verbose: quiet,
    },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
