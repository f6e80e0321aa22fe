export {
  counter,
  describeMetrics,
  gauge,
  histogram,
  observe,
  upDownCounter,
  type Counter,
  type Gauge,
  type Histogram,
  type HistogramOptions,
  type InstrumentOptions,
  type MetricRow,
  type Observation,
} from './instruments.js';
export { createLogger, logLevels, type Logger, type LoggerOptions, type LogLevel, type LogMethod } from './logger.js';
export { redactText } from './redact.js';
export { setHttpRoute, withSpan, type Attributes, type Span, type SpanOptions } from './span.js';
export { metricsText, shutdownTelemetry, startTelemetry, type SpanProcessor, type TelemetryOptions } from './start.js';
export { currentTraceparent, parseTraceparent, sampledTraceparent } from './traceparent.js';
