import { afterEach, describe, expect, it } from 'vitest';
import { createLogger, shutdownTelemetry, startTelemetry, withSpan, type LogLevel } from './index.js';

function capture(level: LogLevel = 'info') {
  const lines: string[] = [];
  return { lines, logger: createLogger('test', { level, destination: { write: (line) => lines.push(line) } }) };
}

afterEach(() => shutdownTelemetry());

describe('createLogger', () => {
  it('writes JSON lines of its level and above', () => {
    const { lines, logger } = capture('warn');
    logger.info('quiet');
    logger.child({ part: 'outbox' }).warn({ count: 2 }, 'loud');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      service: 'test',
      part: 'outbox',
      count: 2,
      msg: 'loud',
    });
  });

  it('carries the ids of the active span', async () => {
    await startTelemetry({ service: 'test', version: '1' });
    const { lines, logger } = capture();
    withSpan('work', { parent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' }, (span) => {
      logger.info('inside');
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        span_id: span.spanContext().spanId,
      });
    });
    logger.info('outside');
    expect(JSON.parse(lines[1] ?? '')).not.toHaveProperty('trace_id');
  });

  it('hides secrets by key, at any depth', () => {
    const { lines, logger } = capture();
    const secret = 'hunter2hunter2';
    logger.child({ apiKey: secret }).info(
      {
        password: secret,
        request: { headers: { Authorization: secret, cookie: secret }, body: [{ refresh_token: secret }] },
        clientSecret: secret,
        tokens: 3,
      },
      'request',
    );
    expect(lines[0]).not.toContain(secret);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      tokens: 3,
      request: { body: [{ refresh_token: '[redacted]' }] },
    });
  });

  it('hides secrets by form, wherever they are', () => {
    const { lines, logger } = capture();
    const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl';
    logger.error(
      { err: new Error('cannot reach postgres://parley:hunter2hunter2@db:5432/x') },
      `refused Bearer abcdefgh.ijkl and ${jwt} of /ws?token=hunter2hunter2&key=hunter2hunter2&v=1`,
    );
    expect(lines[0]).not.toMatch(/hunter2|abcdefgh|eyJ/);
    expect(lines[0]).toContain('postgres://parley:***@db:5432/x');
    expect(() => {
      JSON.parse(lines[0] ?? '');
    }).not.toThrow();
  });

  it('opens errors with their stack, code and cause', () => {
    const { lines, logger } = capture();
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    logger.error({ err: Object.assign(new Error('failed', { cause }), { code: '57P01' }) }, 'query');
    const line: unknown = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ err: { type: 'Error', code: '57P01' } });
    expect(lines[0]).toContain('refused');
    expect(lines[0]).toContain('logger.test');
  });

  it('does not repeat the row that Postgres refused', () => {
    const { lines, logger } = capture();
    const refused = { severity: 'ERROR', code: '23514', detail: 'Failing row contains (1, what Ada wrote).' };
    logger.error({ err: Object.assign(new Error('new row violates a constraint'), refused) }, 'query');
    expect(lines[0]).toContain('23514');
    expect(lines[0]).not.toContain('Ada');
  });

  it('survives loops, bytes and long texts', () => {
    const { lines, logger } = capture();
    const loop: Record<string, unknown> = { bytes: new Uint8Array(5), big: 5n, text: 'x'.repeat(100_000) };
    loop['self'] = loop;
    logger.info(loop, 'odd');
    expect((lines[0] ?? '').length).toBeLessThan(200_000);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ bytes: '[5 bytes]', big: '5' });
  });
});
