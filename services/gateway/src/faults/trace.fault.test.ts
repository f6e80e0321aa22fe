import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roomy } from './load.js';
import { Stage } from './telemetry/stage.js';
import { TraceCollector, type CollectedSpan } from './telemetry/trace-collector.js';

let collector: TraceCollector;
let cluster: Cluster;
let stage: Stage;
beforeAll(async () => {
  collector = await TraceCollector.start();
  cluster = await startCluster({ gateways: 2, env: { ...roomy, ...collector.env } });
  stage = await Stage.open(cluster);
});
afterAll(async () => {
  stage.close();
  await cluster.stop();
  await collector.stop();
});

interface Way {
  readonly dialect: string;
  readonly say: () => Promise<void>;
  /** The span that it begins with. */
  readonly root: string;
  readonly rpc: string;
  readonly published: string;
  readonly statements: boolean;
  /** On how many gateways someone hears it. */
  readonly gateways: number;
}

const ways: readonly Way[] = [
  {
    dialect: 'chat',
    say: () => stage.chat('Hello, Ben.'),
    root: 'POST /channels/:id/messages',
    rpc: 'messaging.post-message',
    published: 'events.server.{id}',
    statements: true,
    gateways: 2,
  },
  {
    dialect: 'topics',
    say: () => stage.topics('Hello, Ben.'),
    root: 'ws topics frame',
    rpc: 'messaging.publish-topic',
    published: 'topics.{topic}',
    statements: false,
    gateways: 2,
  },
  {
    dialect: 'collab',
    say: () => stage.collab('Hello, Ben.'),
    root: 'ws collab frame',
    rpc: 'rooms.submit',
    published: 'events.room.{id}',
    statements: true,
    gateways: 2,
  },
  {
    dialect: 'watch',
    say: () => stage.watch('v=0'),
    root: 'ws watch frame',
    rpc: 'signaling.relay-watch-signal',
    published: 'events.watch.{id}',
    statements: true,
    gateways: 1,
  },
  {
    dialect: 'party',
    say: () => stage.party(),
    root: 'ws party frame',
    rpc: 'session.join',
    published: 'events.party.{id}',
    statements: true,
    gateways: 2,
  },
];

test.each(ways)('$dialect: one trace from $root to one delivery per gateway', async (way) => {
  await way.say();
  const { rpc, dialect } = way;
  const service = rpc.slice(0, rpc.indexOf('.'));
  const trace = await waitFor(() => complete(way), `the whole trace of ${rpc}`, 15_000);

  const [root, ...otherRoots] = trace.filter((span) => span.parentId === '');
  expect(otherRoots).toEqual([]);
  expect(root).toMatchObject({ name: way.root, kind: 'server', service: 'gateway' });
  expect(root?.attributes.get('parley.dialect')).toBe(dialect === 'chat' ? undefined : dialect);
  expect(trace.filter(({ parentId }) => parentId !== '' && byId(trace, parentId) === undefined)).toEqual([]);

  const asked = one(trace, `request rpc.${rpc}`);
  expect(asked).toMatchObject({ kind: 'client', service: 'gateway', parentId: root?.spanId });
  const handled = one(trace, `process rpc.${rpc}`);
  expect(handled).toMatchObject({ kind: 'server', service, parentId: asked.spanId });
  expect(handled.attributes.get('rpc.method')).toBe(rpc);
  expect(handled.attributes.get('rpc.system.name')).toBe('nats');

  const statements = trace.filter((span) => span.attributes.get('db.system.name') === 'postgresql');
  const ofService = statements.filter((span) => span.service === service && ancestors(trace, span).includes(handled));
  expect(ofService.length > 0).toBe(way.statements);
  for (const { kind, attributes } of statements) {
    expect(kind).toBe('client');
    expect(attributes.get('db.operation.name')).toMatch(/^[A-Z]+$/);
    expect(attributes.get('db.query.summary')).toContain(attributes.get('db.operation.name'));
    expect(attributes.get('db.query.text')).not.toContain('Hello');
  }

  const published = trace.filter(({ name }) => name === `publish in.${way.published}`);
  for (const span of published) {
    expect(span).toMatchObject({ kind: 'producer', service });
    expect(ancestors(trace, span)).toContain(handled);
    expect(Object.fromEntries(span.attributes)).toMatchObject({
      'messaging.system': 'nats',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.template': `in.${way.published}`,
    });
    const deliveries = deliveriesOf(trace, span);
    expect(new Set(deliveries.map(({ instance }) => instance)).size).toBe(deliveries.length);
    for (const delivery of deliveries) {
      expect(delivery).toMatchObject({ kind: 'consumer', service: 'gateway', links: [span.spanId] });
      expect(delivery.attributes.get('messaging.operation.type')).toBe('process');
      expect(delivery.attributes.get('parley.fanout.dialects')).toEqual([dialect]);
      expect(delivery.attributes.get('parley.fanout.recipients')).toBeGreaterThan(0);
    }
  }
  expect(published.some((span) => deliveriesOf(trace, span).length === way.gateways)).toBe(true);
  expect(collector.faults).toEqual([]);
});

test('a cursor, which nobody keeps, is of its frame’s trace as well', async () => {
  const published = await collector.find('the cursor', ({ name }) => name.startsWith('publish evt.room-cursor'));
  const [root] = ancestors(collector.ofTrace(published.traceId), published).slice(-1);
  expect(root).toMatchObject({ name: 'ws collab frame', parentId: '' });
  await collector.find('its delivery', ({ parentId }) => parentId === published.spanId);
});

/** The newest trace that has all that it should have; the other parts come with the processes' next batches. */
function complete({ rpc, root, published, gateways }: Way): CollectedSpan[] | undefined {
  const handled = collector.spans.filter(({ name }) => name === `process rpc.${rpc}`).at(-1);
  if (handled === undefined) return undefined;
  const trace = collector.ofTrace(handled.traceId);
  const told = trace.filter(({ name }) => name === `publish in.${published}`);
  const all = trace.every(({ parentId }) => parentId === '' || byId(trace, parentId) !== undefined);
  const heard = told.some((span) => deliveriesOf(trace, span).length >= gateways);
  return all && heard && trace.some(({ name }) => name === root) ? trace : undefined;
}

function deliveriesOf(trace: readonly CollectedSpan[], published: CollectedSpan): CollectedSpan[] {
  return trace.filter(({ name, parentId }) => name.startsWith('process evt.') && parentId === published.spanId);
}

function one(trace: readonly CollectedSpan[], name: string): CollectedSpan {
  const found = trace.filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  const [only] = found;
  if (only === undefined) throw new Error(`no span ${name}`);
  return only;
}

function byId(trace: readonly CollectedSpan[], id: string): CollectedSpan | undefined {
  return trace.find(({ spanId }) => spanId === id);
}

/** The nearest first. */
function ancestors(trace: readonly CollectedSpan[], span: CollectedSpan): CollectedSpan[] {
  const above = byId(trace, span.parentId);
  return above === undefined ? [] : [above, ...ancestors(trace, above)];
}
