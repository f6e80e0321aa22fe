import { connectBus, type Bus } from '@parley/bus';
import { presence } from '@parley/contracts';
import { freePort, startNats, startPostgres, waitFor, type Child, type TestNats } from '@parley/testing';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchSample, said, startSample, type Sample } from './fixtures/sample.js';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

let nats: TestNats;
const children: Child[] = [];
const buses: Bus[] = [];

beforeEach(async () => {
  nats = await startNats();
});
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
  await Promise.all(children.splice(0).map((child) => child.kill('SIGKILL')));
  await nats.stop();
});

async function start(env: Record<string, string> = {}): Promise<Sample> {
  const sample = await startSample({ PARLEY_NATS_URL: nats.url, ...env });
  children.push(sample.child);
  return sample;
}

async function launch(env: Record<string, string> = {}): Promise<Child> {
  const child = await launchSample({ PARLEY_NATS_URL: nats.url, ...env });
  children.push(child);
  return child;
}

async function becomes(sample: Sample, status: number): Promise<string> {
  return waitFor(
    async () => {
      const answer = await sample.ask('/readyz');
      return answer.status === status ? answer.body : undefined;
    },
    `/readyz to answer ${String(status)}`,
    10_000,
  );
}

describe('probes', () => {
  it('readiness follows NATS down and up; liveness does not', async () => {
    const sample = await start();
    expect(await sample.ask('/readyz')).toEqual({ status: 200, body: '{"ready":true,"reasons":[]}' });
    expect((await sample.ask('/metrics')).body).toMatch(/^parley_ready\{service_name="session"\} 1$/m);
    await nats.kill();
    expect(await becomes(sample, 503)).toContain('the bus is disconnected');
    expect((await sample.ask('/livez')).status).toBe(200);
    expect((await sample.ask('/metrics')).body).toMatch(/^parley_ready\{service_name="session"\} 0$/m);
    await nats.restart();
    await becomes(sample, 200);
    expect((await sample.ask('/else')).status).toBe(404);
  });

  it('readiness follows Postgres down and up; liveness does not', async () => {
    const postgres = await startPostgres();
    try {
      const port = String(await freePort());
      const sample = await start({
        SAMPLE_DATABASE: '1',
        PARLEY_DATABASE_URL: postgres.url,
        PARLEY_METRICS_PORT: port,
      });
      await postgres.kill();
      expect(await becomes(sample, 503)).toContain('the database cannot be reached');
      expect((await sample.ask('/livez')).status).toBe(200);
      await postgres.restart();
      await becomes(sample, 200);
    } finally {
      await postgres.stop();
    }
  });
});

describe('shutdown', () => {
  it('turns readiness off, stops the intake, finishes, closes in order and exits with 0', async () => {
    const sample = await start();
    const bus = await connectBus({ servers: nats.url, name: 'test', logger: quiet });
    buses.push(bus);
    const asked = bus.call(presence.lookup, { userIds: [] });
    await sample.child.line('the request', 5_000, (line) => line === 'sample: asked' || undefined);
    sample.child.signal('SIGTERM');
    await sample.child.line('draining', 5_000, (line) => line.startsWith('sample: drain') || undefined);
    // A second signal, as a terminal sends it, changes nothing.
    sample.child.signal('SIGINT');
    const readyz = await sample.ask('/readyz');
    expect(readyz).toEqual({ status: 503, body: '{"ready":false,"reasons":["shutting down"]}' });
    expect(await asked).toMatchObject({ ok: true });
    expect(await sample.child.exited).toEqual({ code: 0, signal: null });
    expect(said(sample.child)).toEqual([
      'starting',
      'asked',
      'aborted',
      'intake',
      'answering',
      'drain, bus connected',
      'close, bus connected',
      'closed b',
      'closed a',
    ]);
  });

  it('cuts off what hangs at its deadline, and still closes the rest', async () => {
    const sample = await start({ SAMPLE_FAULT: 'hang', PARLEY_SHUTDOWN_SECONDS: '2' });
    const startedAt = performance.now();
    sample.child.signal('SIGINT');
    expect((await sample.child.exited).code).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(6_000);
    expect(said(sample.child).slice(-2)).toEqual(['closed b', 'closed a']);
    expect(sample.child.tail()).toContain('"stage":"drain"');
  });

  it('goes on when something fails to stop', async () => {
    const sample = await start({ SAMPLE_FAULT: 'intake' });
    sample.child.signal('SIGTERM');
    expect((await sample.child.exited).code).toBe(1);
    expect(said(sample.child)).toContain('closed a');
    expect(sample.child.tail()).toContain('cannot stop');
  });

  it('ends at once while it still waits for NATS', async () => {
    const port = String(await freePort());
    const child = await launch({
      PARLEY_NATS_URL: `nats://127.0.0.1:${String(await freePort())}`,
      PARLEY_METRICS_PORT: port,
    });
    const readyz = await waitFor(() => fetch(`http://127.0.0.1:${port}/readyz`), 'the probes');
    expect(await readyz.json()).toEqual({ ready: false, reasons: ['starting'] });
    const startedAt = performance.now();
    child.signal('SIGTERM');
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('a start that fails', () => {
  async function failed(env: Record<string, string>): Promise<string[]> {
    const child = await launch(env);
    expect((await child.exited).code).toBe(1);
    return child.lines.filter((line) => !line.startsWith('sample: '));
  }

  it('lists what is wrong with the options', async () => {
    expect(await failed({ PARLEY_METRICS_PORT: 'x', SAMPLE_NEEDED: '', SAMPLE_FAULT: 'all' })).toEqual([
      'session cannot start: bad configuration',
      '  PARLEY_METRICS_PORT: expected an integer, 0 to 65535, got "x"',
      '  SAMPLE_FAULT: expected one of none, start, hang, intake, crash, got "all"',
      '  SAMPLE_NEEDED: is required (text). Must be there.',
    ]);
  });

  it('says in one line that NATS is not there', async () => {
    const port = String(await freePort());
    const lines = await failed({ PARLEY_NATS_URL: `nats://127.0.0.1:${port}`, SAMPLE_CONNECT_MS: '300' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^session cannot start: NATS at .*:${port} cannot be reached within 300 ms`));
  });

  it('says in one line that the database is not there', async () => {
    const port = String(await freePort());
    const url = `postgres://parley:hunter2@127.0.0.1:${port}/x`;
    const lines = await failed({
      SAMPLE_DATABASE: '1',
      SAMPLE_CONNECT_MS: '1000',
      PARLEY_DATABASE_URL: url,
      PARLEY_LOG_LEVEL: 'error',
    });
    expect(lines).toEqual([
      `session cannot start: the database at 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    ]);
  });

  it('says in one line that its port is taken', async () => {
    const taken = createTcpServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const lines = await failed({ PARLEY_METRICS_PORT: String(port) });
    await new Promise((resolve) => taken.close(resolve));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^session cannot start: port \d+ for probes and metrics cannot be used: .*EADDRINUSE/);
  });

  it('puts any other error into one line without its secrets', async () => {
    const lines = await failed({ SAMPLE_FAULT: 'start', PARLEY_LOG_LEVEL: 'error' });
    expect(lines).toEqual(['session cannot start: no such thing as postgres://me:***@db/x']);
  });
});

it('a fault of ours later on is logged with its stack and ends the process', async () => {
  const child = await launch({ SAMPLE_FAULT: 'crash' });
  expect((await child.exited).code).toBe(1);
  expect(child.tail()).toMatch(/"level":"fatal".*out of nowhere.*sample-main/);
});

it('warns of misspelt variables', async () => {
  const sample = await start({ PARLEY_METRIC_PORT: '1' });
  expect(sample.child.tail()).toContain(
    'PARLEY_METRIC_PORT is no option of this process; did you mean PARLEY_METRICS_PORT?',
  );
});

it('sends spans of pg and http to the collector', async () => {
  const bodies: Buffer[] = [];
  const collector = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk));
    request.on('end', () => response.end());
  });
  const collectorPort = await freePort();
  await new Promise<void>((resolve) => collector.listen(collectorPort, '127.0.0.1', resolve));
  const postgres = await startPostgres();
  try {
    const sample = await start({
      SAMPLE_DATABASE: '1',
      PARLEY_DATABASE_URL: postgres.url,
      PARLEY_METRICS_PORT: String(await freePort()),
      PARLEY_TRACE_SAMPLE_RATIO: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(collectorPort)}`,
    });
    await sample.child.stop();
    const sent = Buffer.concat(bodies).toString('latin1');
    const names = ['sample.work', 'pg.query:SELECT', 'GET'].filter((name) => sent.includes(name));
    expect(names).toEqual(['sample.work', 'pg.query:SELECT', 'GET']);
  } finally {
    await postgres.stop();
    await new Promise((resolve) => collector.close(resolve));
  }
});
