import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api';

export { SpanKind };

const FORM = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The context to send along: undefined when there is no trace here, which without an SDK is always. */
export function outgoing(span: Span | undefined = trace.getActiveSpan()): string | undefined {
  const here = span?.spanContext();
  return here === undefined || !isSpanContextValid(here) ? undefined : format(here);
}

/** The same for events: only when sampled, since each header costs every receiver something. */
export function outgoingIfSampled(span: Span | undefined = trace.getActiveSpan()): string | undefined {
  const here = span?.spanContext();
  if (here === undefined || (here.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return isSpanContextValid(here) ? format(here) : undefined;
}

/** Undefined when it is no traceparent. */
export function incoming(traceparent: string | undefined): Context | undefined {
  if (traceparent === undefined) return undefined;
  const found = FORM.exec(traceparent);
  const [, traceId, spanId, flags] = found ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const parent: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : undefined;
}

export interface Described {
  readonly name: string;
  readonly attributes: Attributes;
}

/**
 * A span below `parent` (default: the active context), but only inside a trace that is being recorded: who enters
 * Parley decides on sampling once, and everywhere else a span costs nothing.
 */
export function startSpan(kind: SpanKind, describe: () => Described, parent?: Context): Span | undefined {
  const above = parent ?? context.active();
  const flags = trace.getSpanContext(above)?.traceFlags ?? TraceFlags.NONE;
  if ((flags & TraceFlags.SAMPLED) === 0) return undefined;
  const { name, attributes } = describe();
  return trace.getTracer('@parley/bus').startSpan(name, { kind, attributes }, above);
}

export function describeRequest(operation: string, { service, verb }: { service: string; verb: string }): Described {
  const attributes = { 'rpc.system.name': 'nats', 'rpc.method': `${service}.${verb}` };
  return { name: `${operation} rpc.${service}.${verb}`, attributes };
}

export function endSpan(span: Span | undefined, error?: string): void {
  if (span === undefined) return;
  if (error !== undefined) {
    span.setAttribute('error.type', error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error });
  }
  span.end();
}

/** Runs `work` with `span`, or else with `parent`, as the active one. */
export function within<T>(parent: Context | undefined, span: Span | undefined, work: () => T): T {
  if (span !== undefined) return context.with(trace.setSpan(parent ?? context.active(), span), work);
  return parent === undefined ? work() : context.with(parent, work);
}

function format(span: SpanContext): string {
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}
