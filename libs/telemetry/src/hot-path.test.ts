import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterEach, expect, it } from 'vitest';
import {
  chooseRoot,
  inTrace,
  keepTrace,
  metricsText,
  sampledTraceparent,
  shutdownTelemetry,
  startTelemetry,
  tallies,
  timings,
  withBatchSpan,
  withSpan,
} from './index.js';

const SAMPLED = [
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
];
const frames = tallies('parley.hot.frames', { unit: '{frame}', description: 'Frames.' });
const seconds = timings('parley.hot.duration', { unit: 's', description: 'Time.', boundaries: [0.1, 1] });

afterEach(() => shutdownTelemetry());

async function start(sampleRatio: number): Promise<InMemorySpanExporter> {
  const spans = new InMemorySpanExporter();
  await startTelemetry({
    service: 'test',
    version: '1',
    sampleRatio,
    spanProcessors: [new SimpleSpanProcessor(spans)],
  });
  return spans;
}

it('tallies and timings are sums that are read when asked for, zeros too', async () => {
  await start(0);
  const chat = frames.of({ dialect: 'chat' });
  frames.of({ dialect: 'topics' });
  chat.add(2);
  frames.of({ dialect: 'chat' }).add(1);
  const timing = seconds.of({ dialect: 'chat' });
  for (const value of [0.05, 0.1, 0.5, 3]) timing.record(value);
  const text = await metricsText();
  expect(text).toContain('parley_hot_frames_total{dialect="chat",service_name="test"} 3');
  expect(text).toContain('parley_hot_frames_total{dialect="topics",service_name="test"} 0');
  const bucket = 'parley_hot_duration_seconds_bucket{dialect="chat",service_name="test",le=';
  for (const line of [`${bucket}"0.1"} 2`, `${bucket}"1"} 3`, `${bucket}"+Inf"} 4`]) expect(text).toContain(line);
  expect(text).toContain('parley_hot_duration_seconds_count{dialect="chat",service_name="test"} 4');
  expect(text).toMatch(/^# TYPE parley_hot_duration_seconds histogram$/m);
});

it('what comes in is chosen by the ratio, and what was chosen is recorded', async () => {
  expect(chooseRoot()).toBe(false);
  const spans = await start(0.2);
  const chosen = Array.from({ length: 5_000 }, chooseRoot).filter(Boolean).length;
  expect(chosen).toBeGreaterThan(800);
  expect(chosen).toBeLessThan(1_200);
  for (let round = 0; round < 20; round++) withSpan('frame', { root: 'chosen' }, () => undefined);
  expect(spans.getFinishedSpans()).toHaveLength(20);
});

it('a batch is one span below the first of its traces, linked to the others; without any, it is of none', async () => {
  const spans = await start(1);
  const [first = '', second = ''] = SAMPLED;
  withBatchSpan(
    'commit',
    [undefined, first, second, first],
    () => ({ size: 4 }),
    () => undefined,
  );
  const [batch] = spans.getFinishedSpans();
  expect(batch?.parentSpanContext?.spanId).toBe(first.slice(36, 52));
  expect(batch?.links.map(({ context }) => context.spanId)).toEqual([second.slice(36, 52)]);
  withSpan('whoever was first', {}, () => {
    expect(withBatchSpan('commit', [undefined], () => ({}), sampledTraceparent)).toBeUndefined();
    expect(inTrace(undefined, sampledTraceparent)).toBeUndefined();
    expect(inTrace(first, sampledTraceparent)).toBe(first);
  });
});

it('what is kept for later runs in the trace of now', async () => {
  await start(1);
  const [first = ''] = SAMPLED;
  const kept = inTrace(first, () => keepTrace(sampledTraceparent));
  expect(kept()).toBe(first);
  expect(keepTrace(sampledTraceparent)).toBe(sampledTraceparent);
});
