import {
  isSpanContextValid,
  trace,
  TraceFlags,
  type Context,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';

const form = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The W3C context of the active span, to send along; undefined outside of any span. */
export function currentTraceparent(): string | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  return active === undefined || !isSpanContextValid(active) ? undefined : formatTraceparent(active);
}

/** The same where an unsampled one is not worth its bytes: on events, which nobody answers. */
export function sampledTraceparent(): string | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  return active === undefined || (active.traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : formatTraceparent(active);
}

/** Undefined for anything that is no traceparent. */
export function parseTraceparent(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = form.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const parsed = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(parsed) ? parsed : undefined;
}

function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`;
}

/**
 * `traceparent` on HTTP. What arrives there comes from the public, and could force the sampling of everything, so it is
 * followed only when an ingress that sets it itself stands in front (`trustIncoming`).
 */
export class TraceparentPropagator implements TextMapPropagator {
  constructor(private readonly trustIncoming: boolean) {}

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const active = trace.getSpanContext(context);
    if (active !== undefined && isSpanContextValid(active)) {
      setter.set(carrier, 'traceparent', formatTraceparent(active));
    }
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    if (!this.trustIncoming) return context;
    const header = getter.get(carrier, 'traceparent');
    const parsed = typeof header === 'string' ? parseTraceparent(header) : undefined;
    return parsed === undefined ? context : trace.setSpanContext(context, parsed);
  }

  fields(): string[] {
    return ['traceparent'];
  }
}
