export { describeMetrics, type HistogramOptions, type InstrumentOptions, type MetricRow } from './definitions.js';
export {
  counter,
  gauge,
  histogram,
  observe,
  tallies,
  upDownCounter,
  type Counter,
  type Gauge,
  type Histogram,
  type Observation,
  type Tally,
  type Tallies,
} from './instruments.js';
export { createLogger, logLevels, type Logger, type LoggerOptions, type LogLevel, type LogMethod } from './logger.js';
export { redactText } from './redact.js';
export { chooseRoot } from './sampling.js';
export {
  inTrace,
  keepTrace,
  openSpan,
  setHttpRoute,
  withBatchSpan,
  withSpan,
  type Attributes,
  type OpenSpan,
  type Span,
  type SpanOptions,
} from './span.js';
export { metricsText, shutdownTelemetry, startTelemetry, type SpanProcessor, type TelemetryOptions } from './start.js';
export { currentTraceparent, parseTraceparent, sampledTraceparent } from './traceparent.js';
export { timings, type Timing, type Timings } from './timings.js';
