import { trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { incoming, outgoing, outgoingIfSampled, SpanKind, startSpan } from './trace.js';

const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const sampled = trace.wrapSpanContext({ ...ids, traceFlags: 1 });
const unsampled = trace.wrapSpanContext({ ...ids, traceFlags: 0 });

test('a trace is written out and read back', () => {
  const header = outgoing(sampled);
  expect(header).toBe(`00-${ids.traceId}-${ids.spanId}-01`);
  const context = incoming(header);
  expect(context === undefined ? undefined : trace.getSpanContext(context)).toEqual({
    ...ids,
    traceFlags: 1,
    isRemote: true,
  });
});

test('events carry only sampled traces, requests any', () => {
  expect(outgoingIfSampled(sampled)).toBe(outgoing(sampled));
  expect(outgoingIfSampled(unsampled)).toBeUndefined();
  expect(outgoing(unsampled)).toBe(`00-${ids.traceId}-${ids.spanId}-00`);
  expect(outgoing()).toBeUndefined();
});

test('what is no traceparent is ignored', () => {
  const zeros = '0'.repeat(32);
  for (const header of [undefined, '', 'x', `00-${zeros}-${ids.spanId}-01`, `01-${ids.traceId}-${ids.spanId}-01`]) {
    expect(incoming(header)).toBeUndefined();
  }
});

const publishX = () => ({ name: 'publish x', attributes: {} });

test('no span is made outside a recorded trace', () => {
  expect(startSpan(SpanKind.PRODUCER, publishX)).toBeUndefined();
  expect(startSpan(SpanKind.PRODUCER, publishX, incoming(outgoing(unsampled)))).toBeUndefined();
  expect(startSpan(SpanKind.PRODUCER, publishX, incoming(outgoing(sampled)))).toBeDefined();
});
