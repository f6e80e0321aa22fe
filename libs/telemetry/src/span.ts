import {
  context,
  createContextKey,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Link,
  type Span,
} from '@opentelemetry/api';
import { CHOSEN_CONTEXT } from './sampling.js';
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
  /** Starts a trace of its own, whatever is active; `chosen`: `chooseRoot` has said that it is to be recorded. */
  readonly root?: boolean | 'chosen';
  /** When it began, ms since 1970; default: now. */
  readonly startedAt?: number;
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
  const span = start(name, options, parent);
  return context.with(trace.setSpan(parent, span), () => runIn(span, fn));
}

/** A span that whoever started it ends. */
export interface OpenSpan {
  set(attributes: Attributes): void;
  end(): void;
}

/** For what has no scope to run in. Its parent must be recorded: nothing is asked about that here. */
export function openSpan(name: string, options: SpanOptions): OpenSpan {
  const span = start(name, options, parentOf(options));
  return {
    set: (attributes) => {
      span.setAttributes(attributes);
    },
    end: () => {
      span.end();
    },
  };
}

/**
 * Runs `fn` as a part of the trace of `traceparent`, or, without one, of none. For work on what was gathered from many:
 * otherwise all of it would count as whoever's was first.
 */
export function inTrace<T>(traceparent: string | undefined, fn: () => T): T {
  const parsed = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  if (parsed !== undefined) return context.with(trace.setSpanContext(ROOT_CONTEXT, parsed), fn);
  return context.active() === ROOT_CONTEXT ? fn() : context.with(ROOT_CONTEXT, fn);
}

/** What runs later, by a timer or behind others, runs in the trace of now, if that is recorded. */
export function keepTrace<A extends unknown[], T>(fn: (...args: A) => T): (...args: A) => T {
  const here = context.active();
  const flags = trace.getSpanContext(here)?.traceFlags ?? TraceFlags.NONE;
  return (flags & TraceFlags.SAMPLED) === 0 ? fn : (...args) => context.with(here, () => fn(...args));
}

const MAX_LINKS = 32;

/**
 * Runs `fn`, which does the work of many at once, in a span below the first of their recorded traces that links to the
 * others; when none is recorded, in no trace and without a span.
 */
export function withBatchSpan<T>(
  name: string,
  traceparents: Iterable<string | undefined>,
  attributes: () => Attributes,
  fn: () => T,
): T {
  const traces = new Set<string>();
  for (const one of traceparents) if (one !== undefined && traces.size <= MAX_LINKS) traces.add(one);
  const [parent, ...links] = traces;
  return parent === undefined
    ? inTrace(undefined, fn)
    : withSpan(name, { parent, links, attributes: attributes() }, fn);
}

function start(name: string, options: SpanOptions, parent: Context): Span {
  return trace.getTracer('parley').startSpan(
    name,
    {
      kind: kinds[options.kind ?? 'internal'],
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
      ...(options.startedAt === undefined ? {} : { startTime: options.startedAt }),
      ...(options.links === undefined ? {} : { links: linksOf(options.links) }),
    },
    parent,
  );
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
  if (root === 'chosen') return CHOSEN_CONTEXT;
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
