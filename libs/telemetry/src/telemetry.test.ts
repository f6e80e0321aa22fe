import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  counter,
  currentTraceparent,
  describeMetrics,
  gauge,
  histogram,
  metricsText,
  observe,
  sampledTraceparent,
  setHttpRoute,
  shutdownTelemetry,
  startTelemetry,
  upDownCounter,
  withSpan,
} from './index.js';

const sent = counter('parley.test.sent', { unit: '{message}', description: 'Sent.' });
const bytes = counter('parley.test.io', { unit: 'By', description: 'Bytes.' });
const named = counter('parley.bytes.tested', { unit: 'By', description: 'Bytes, and it says so.' });
const active = upDownCounter('parley.test.active', { unit: '{thing}', description: 'Active.' });
const size = gauge('parley.test.size', { unit: 'By', description: 'Size.' });
const duration = histogram('parley.test.duration', { unit: 's', description: 'Duration.' });

let spans = new InMemorySpanExporter();

function start(sampleRatio = 1, trustIncoming = false): Promise<void> {
  return startTelemetry({
    service: 'test',
    version: '1.2.3',
    sampleRatio,
    trustIncoming,
    spanProcessors: [new SimpleSpanProcessor(spans)],
  });
}

beforeEach(() => {
  // One that was shut down takes no more.
  spans = new InMemorySpanExporter();
});
afterEach(() => shutdownTelemetry());

describe('metricsText', () => {
  it('is empty before the start, and values given then are dropped', async () => {
    sent.add(1);
    expect(await metricsText()).toBe('');
  });

  it('has unit suffixes as a collector would write them', async () => {
    await start();
    sent.add(2, { kind: 'a' });
    bytes.add(10);
    named.add(11);
    active.add(3);
    size.set(7);
    duration.record(0.003);
    const depth = observe('parley.test.depth', { unit: '1', description: 'Depth.' }, () => 0.5);
    const text = await metricsText();
    depth.stop();
    expect(text).toContain('parley_test_sent_total{kind="a",service_name="test"} 2');
    expect(text).toContain('parley_test_io_bytes_total{service_name="test"} 10');
    expect(text, 'no unit twice').toContain('parley_bytes_tested_total{service_name="test"} 11');
    expect(text).toContain('parley_test_active{service_name="test"} 3');
    expect(text).toContain('parley_test_size_bytes{service_name="test"} 7');
    expect(text).toContain('parley_test_depth_ratio{service_name="test"} 0.5');
    expect(text).toContain('parley_test_duration_seconds_bucket{service_name="test",le="0.005"} 1');
    expect(text).toContain('parley_test_duration_seconds_bucket{service_name="test",le="0.0025"} 0');
    expect(text).toMatch(/^process_cpu_time_seconds_total\{.*cpu_mode="user".*\} [\d.]+$/m);
    expect(text).toMatch(/^nodejs_eventloop_utilization_ratio/m);
    expect(text).toMatch(/^target_info\{.*service_version="1.2.3".*\} 1$/m);
  });

  it('is a well-formed exposition', async () => {
    await start();
    sent.add(1, { quoted: 'a "b" \\ c\nd' });
    const text = await metricsText();
    const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
    const sample = new RegExp(`^[a-zA-Z_:][a-zA-Z0-9_:]*(\\{(${label}(,${label})*)?\\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$`);
    const types = new Map<string, number>();
    for (const line of text.trimEnd().split('\n')) {
      const [, family] = /^# TYPE (\S+)/.exec(line) ?? [];
      if (family !== undefined) types.set(family, (types.get(family) ?? 0) + 1);
      if (!line.startsWith('#')) expect(line).toMatch(sample);
    }
    expect([...types.values()].every((count) => count === 1)).toBe(true);
  });

  it('asks those who wanted to be observed before the start, until they stop', async () => {
    let asked = 0;
    const early = observe('parley.test.early', { unit: '{thing}', description: 'Early.' }, () => [
      { value: ++asked, attributes: { kind: 'a' } },
    ]);
    await start();
    expect(await metricsText()).toContain('parley_test_early{kind="a",service_name="test"} 1');
    early.stop();
    await metricsText();
    expect(asked).toBe(1);
  });

  it('works again after a stop', async () => {
    await start();
    sent.add(5);
    await shutdownTelemetry();
    await start();
    sent.add(1);
    expect(await metricsText()).toContain('parley_test_sent_total{service_name="test"} 1');
  });

  it('lists what is defined', () => {
    expect(describeMetrics()).toContainEqual({
      name: 'parley.test.duration',
      type: 'histogram',
      unit: 's',
      description: 'Duration.',
    });
  });
});

describe('withSpan', () => {
  it('continues a trace across a traceparent string', async () => {
    await start();
    let carried: string | undefined;
    await withSpan('publish', { kind: 'producer' }, async () => {
      await Promise.resolve();
      carried = currentTraceparent();
    });
    expect(carried).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    await withSpan('process', { kind: 'consumer', parent: carried, attributes: { 'x.y': 1 } }, () => Promise.resolve());
    const [publish, process] = spans.getFinishedSpans();
    expect(process?.parentSpanContext?.spanId).toBe(publish?.spanContext().spanId);
    expect(process?.spanContext().traceId).toBe(publish?.spanContext().traceId);
    expect(process?.attributes).toEqual({ 'x.y': 1 });
  });

  it('follows the decision of an unsampled parent', async () => {
    await start();
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
    withSpan('child', { parent }, () => {
      expect(currentTraceparent()).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
      expect(sampledTraceparent()).toBeUndefined();
    });
    expect(spans.getFinishedSpans()).toHaveLength(0);
  });

  it.each([
    '',
    '00-zz-b7ad6b7169203331-01',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    'x'.repeat(100),
  ])('starts a trace of its own after the bad traceparent "%s"', async (parent) => {
    await start();
    withSpan('child', { parent }, () => undefined);
    expect(spans.getFinishedSpans()[0]?.parentSpanContext).toBeUndefined();
  });

  it('notes and passes on what is thrown, now or later', async () => {
    await start();
    expect(() =>
      withSpan('now', {}, () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    await expect(withSpan('later', {}, () => Promise.reject(new Error('never')))).rejects.toThrow('never');
    expect(spans.getFinishedSpans().map((span) => [span.name, span.status.code, span.events[0]?.name])).toEqual([
      ['now', 2, 'exception'],
      ['later', 2, 'exception'],
    ]);
  });

  it('gives ids without recording when there is nowhere to send spans', async () => {
    await startTelemetry({ service: 'test', version: '1', sampleRatio: 1 });
    withSpan('quiet', {}, (span) => {
      expect(currentTraceparent()).toMatch(/-00$/);
      expect(span.isRecording()).toBe(false);
    });
  });

  it('links without becoming a child', async () => {
    await start();
    const linked = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    withSpan('outer', {}, () => {
      withSpan('inner', { root: true, links: [linked, 'nonsense'] }, () => undefined);
    });
    const inner = spans.getFinishedSpans().find((span) => span.name === 'inner');
    expect(inner?.parentSpanContext).toBeUndefined();
    expect(inner?.links.map((link) => link.context.spanId)).toEqual(['b7ad6b7169203331']);
  });
});

describe('HTTP', () => {
  let server: Server;
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  async function ask(path: string): Promise<void> {
    server = createServer((_, response) => {
      setHttpRoute('/things/:id');
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = isAddress(address) ? address.port : 0;
    await new Promise<void>((resolve, reject) => {
      get({ port, path, headers: { traceparent }, agent: false }, (response) => {
        response.resume().on('close', resolve);
      }).on('error', reject);
    });
    await new Promise((resolve) => server.close(resolve));
  }

  it('names spans and metrics by route, and does not follow a stranger', async () => {
    await start();
    await ask('/things/1?token=x');
    const [span] = spans.getFinishedSpans();
    expect(span?.name).toBe('GET /things/:id');
    expect(span?.spanContext().traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
    expect(await metricsText()).toMatch(/^http_server_request_duration_seconds_count\{.*http_route="\/things\/:id"/m);
  });

  it('leaves tokens in URLs out of spans', async () => {
    await start();
    await ask('/ws?token=very-secret&access_token=very-secret&key=very-secret&after=3');
    const [span] = spans.getFinishedSpans();
    const attributes = JSON.stringify(span?.attributes);
    expect(attributes).not.toContain('very-secret');
    expect(attributes).toContain('after=3');
  });

  it('follows an ingress that is trusted', async () => {
    await start(1, true);
    await ask('/things/1');
    expect(spans.getFinishedSpans()[0]?.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it.each(['/livez', '/readyz?verbose', '/metrics'])('makes no span of %s', async (path) => {
    await start();
    await ask(path);
    expect(spans.getFinishedSpans()).toHaveLength(0);
  });
});

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
