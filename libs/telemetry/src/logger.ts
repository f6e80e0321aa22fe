import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { redactFields, redactText } from './redact.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields first, then one sentence. An error goes under `err`. */
export interface LogMethod {
  (fields: object, message: string): void;
  (message: string): void;
}

export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** The same logger with these fields on each line. */
  child(fields: Record<string, unknown>): Logger;
}

export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** Default: standard output, written synchronously so that the last line before an exit is not lost. */
  readonly destination?: { write(line: string): void };
}

/** JSON lines with the ids of the active span; secrets are taken out by key and by form. */
export function createLogger(service: string, options: LoggerOptions = {}): Logger {
  const destination: DestinationStream = options.destination ?? pino.destination({ dest: 1, sync: true });
  const root = pino(
    {
      level: options.level ?? 'info',
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: traceFields,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      // `log` has opened errors already; pino's own serializer would not know them any more.
      serializers: { err: (opened: unknown) => opened },
      hooks: { streamWrite: redactText },
    },
    destination,
  );
  return wrap(root);
}

/** pino formats the fields of a child once, past the formatters. */
function wrap(logger: PinoLogger): Logger {
  return {
    trace: logger.trace.bind(logger),
    debug: logger.debug.bind(logger),
    info: logger.info.bind(logger),
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
    fatal: logger.fatal.bind(logger),
    child: (fields) => wrap(logger.child(redactFields(fields))),
  };
}

function traceFields(): object {
  const active = trace.getActiveSpan()?.spanContext();
  return active === undefined ? {} : { trace_id: active.traceId, span_id: active.spanId };
}
