import {
  context,
  createContextKey,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
} from '@opentelemetry/api';
import { parseTraceparent } from './traceparent.js';

export type { Attributes, Span } from '@opentelemetry/api';

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

export interface SpanOptions {
  /** Default `internal`. */
  readonly kind?: keyof typeof kinds;
  /** A traceparent to continue. Without one the active span is the parent. */
  readonly parent?: string | undefined;
  /** Starts a trace of its own, whatever is active. */
  readonly root?: boolean;
  /** Traceparents of spans that belong to it without being its parent. */
  readonly links?: readonly string[];
  readonly attributes?: Attributes;
}

/**
 * Runs `fn` within a span that ends when `fn` returns, or when the promise that it returned settles. What `fn` throws
 * is noted on the span and thrown on.
 */
export function withSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T {
  const parent = parentOf(options);
  const span = trace.getTracer('parley').startSpan(
    name,
    {
      kind: kinds[options.kind ?? 'internal'],
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
      ...(options.links === undefined ? {} : { links: linksOf(options.links) }),
    },
    parent,
  );
  return context.with(trace.setSpan(parent, span), () => runIn(span, fn));
}

function runIn<T>(span: Span, fn: (span: Span) => T): T {
  let result: T;
  try {
    result = fn(span);
  } catch (error) {
    fail(span, error);
    span.end();
    throw error;
  }
  if (result instanceof Promise) endWith(span, result);
  else span.end();
  return result;
}

/** Watches beside the caller, who still has the promise itself and so its error. */
function endWith(span: Span, result: Promise<unknown>): void {
  result.then(
    () => {
      span.end();
    },
    (error: unknown) => {
      fail(span, error);
      span.end();
    },
  );
}

function fail(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : String(error));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function parentOf({ parent, root }: SpanOptions): Context {
  if (root === true) return ROOT_CONTEXT;
  const parsed = parent === undefined ? undefined : parseTraceparent(parent);
  return parsed === undefined ? context.active() : trace.setSpanContext(ROOT_CONTEXT, parsed);
}

function linksOf(traceparents: readonly string[]): Link[] {
  return traceparents
    .flatMap((traceparent) => parseTraceparent(traceparent) ?? [])
    .map((linked) => ({ context: linked }));
}

// The HTTP instrumentation leaves the route to frameworks under this key; without one of its own for our framework,
// spans and metrics would know only the method.
const httpRequestKey = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');

/** Names the route (`/channels/:id`) of the HTTP request in whose context this is called. */
export function setHttpRoute(route: string): void {
  const request = context.active().getValue(httpRequestKey);
  if (typeof request === 'object' && request !== null) Reflect.set(request, 'route', route);
}
