import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { DataPointType, MetricReader, type MetricData, type ScopeMetrics } from '@opentelemetry/sdk-metrics';

/** Unit of OpenTelemetry → the suffix that a collector would add on the way to Prometheus. */
const suffixes: Readonly<Record<string, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  By: 'bytes',
  'By/s': 'bytes_per_second',
  '1': 'ratio',
  '%': 'percent',
};

/**
 * Gives the metrics as Prometheus text when asked. The stock exporter leaves unit suffixes out while a collector adds
 * them, so one dashboard could not serve both; here they are added first.
 */
export class PrometheusReader extends MetricReader {
  private readonly serializer = new PrometheusSerializer(undefined, false, /^service\.name$/, false, true);

  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect({ timeoutMillis: 5_000 });
    return this.serializer.serialize({
      resource: resourceMetrics.resource,
      scopeMetrics: resourceMetrics.scopeMetrics.map(withSuffixes),
    });
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
}

function withSuffixes(scope: ScopeMetrics): ScopeMetrics {
  return { scope: scope.scope, metrics: scope.metrics.map(withSuffix) };
}

function withSuffix<M extends MetricData>(metric: M): M {
  const { name, unit } = metric.descriptor;
  const suffix = suffixes[unit];
  // Neither do they repeat a unit that the name has already: `bytes.received` in By.
  if (suffix === undefined || name.split(/[._]/).includes(suffix)) return metric;
  // A count of things without a unit is no ratio; collectors make the same difference.
  if (unit === '1' && metric.dataPointType !== DataPointType.GAUGE) return metric;
  return { ...metric, descriptor: { ...metric.descriptor, name: `${name}.${suffix}` } };
}
