import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { connectBus, type Bus } from '@parley/bus';
import { loadOptions } from '@parley/config';
import { auth, fail, messaging, newLoginId, newMessageId, newUserId, ok } from '@parley/contracts';
import { asyncApi, dialects } from '@parley/dialects';
import { createLogger } from '@parley/telemetry';
import { startNats, type TestNats } from '@parley/testing';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { gatewayOptions } from '../gateway.options.js';
import { TokenVerifier } from '../login/token-verifier.js';
import { Callers } from './callers.js';
import { configureRest } from './configure-rest.js';
import { restModule } from './rest.module.js';

const KEY = 'server-key-1';
const lines: string[] = [];
let nats: TestNats;
let bus: Bus;
let app: NestExpressApplication;
let url = '';
const served: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ servers: nats.url, name: 'test', logger: createLogger('test', { level: 'silent' }) });
  const logger = createLogger('test', { destination: { write: (line: string) => lines.push(line) } });
  const verifier = new TokenVerifier({
    fetchKeys: () => Promise.resolve(fail('unavailable', 'none here')),
    isRevoked: () => false,
  });
  const options = loadOptions(gatewayOptions, { PARLEY_API_KEYS: `other,${KEY}` });
  const module = restModule({ bus, verifier, options, readiness: () => [] });
  app = await NestFactory.create<NestExpressApplication>(module, { logger: false, rawBody: true, abortOnError: false });
  configureRest(app, logger);
  await app.init();
  const server = createServer(app.getHttpAdapter().getInstance());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  url = `http://127.0.0.1:${String(address.port)}`;
  served.push({ stop: () => new Promise((resolve) => server.close(() => void app.close().then(resolve))) });
});
afterEach(async () => {
  for (const one of served.splice(1)) await one.stop();
  lines.length = 0;
});
afterAll(async () => {
  for (const one of served) await one.stop();
  await bus.close(1_000);
  await nats.stop();
});

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

async function ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}) {
  const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: text === '' ? undefined : parsed(text) };
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}

const json = { 'Content-Type': 'application/json' };
const server = { Authorization: `Bearer ${KEY}` };
const post = (body: string | Buffer, headers: Record<string, string> = json): Asked => ({
  method: 'POST',
  headers,
  body,
});

describe('whatever goes wrong is `{"error", "code", "field"?}`', () => {
  const anything: unknown = expect.any(String);
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  test.each<[string, string, Asked, number, object]>([
    ['an unknown path', '/no/such/thing', {}, 404, { error: 'not found', code: 'not_found' }],
    ['a method that is none of it', '/auth/login', {}, 404, { error: 'not found', code: 'not_found' }],
    ['broken JSON', '/auth/login', post('{"username":'), 400, { error: 'the body is not valid JSON', code: 'invalid' }],
    ['JSON that is no object', '/auth/login', post('[1]'), 400, { error: anything, code: 'invalid' }],
    ['no body', '/auth/login', { method: 'POST' }, 400, { error: 'a JSON body is needed', code: 'invalid' }],
    [
      'another type',
      '/auth/login',
      post('hi', { 'Content-Type': 'text/plain' }),
      400,
      { error: anything, code: 'invalid' },
    ],
    [
      'a wrong field',
      '/auth/login',
      post('{"username":1,"password":"x"}'),
      400,
      { error: anything, code: 'invalid', field: 'username' },
    ],
    [
      'a body that is too large',
      '/auth/login',
      post(`"${'x'.repeat(1_100_000)}"`),
      413,
      { error: 'the body is too large', code: 'too_large' },
    ],
    [
      'a bomb',
      '/auth/login',
      post(gzipSync(Buffer.alloc(50_000_000, ' ')), { ...json, 'Content-Encoding': 'gzip' }),
      413,
      { error: 'the body is too large', code: 'too_large' },
    ],
    [
      'a path that cannot be decoded',
      '/topics/%ff/messages',
      { headers: server },
      400,
      { error: 'the request cannot be read', code: 'invalid' },
    ],
    ['a topic that is none', '/topics/a%20b/messages', { headers: server }, 400, { error: anything, code: 'invalid' }],
    [
      'a page that is none',
      '/topics/a/messages?limit=1e9',
      { headers: server },
      400,
      { error: anything, code: 'invalid', field: 'limit' },
    ],
    [
      'a parameter given twice',
      '/admin/connections?user_id=a&user_id=b',
      { headers: server },
      400,
      { error: anything, code: 'invalid', field: 'userId' },
    ],
    ['no token', '/users/@me', {}, 401, { error: anything, code: 'unauthenticated' }],
    [
      'a token that is none',
      '/users/@me',
      { headers: { Authorization: 'Bearer x.y.z' } },
      401,
      { error: anything, code: 'unauthenticated' },
    ],
    [
      'a wrong key',
      '/admin/stats',
      { headers: { Authorization: `Bearer ${KEY}x` } },
      401,
      { error: anything, code: 'unauthenticated' },
    ],
    [
      'an empty key',
      '/admin/stats',
      { headers: { Authorization: 'Bearer ' } },
      401,
      { error: anything, code: 'unauthenticated' },
    ],
    [
      'deep nesting',
      '/auth/login',
      post(`{"username":"ada","password":"x","more":${deep}}`),
      503,
      { error: anything, code: 'unavailable' },
    ],
    [
      'pollution',
      '/auth/login',
      post('{"__proto__":{"username":"ada"},"password":"x"}'),
      400,
      { error: 'username or email is needed', code: 'invalid', field: 'username' },
    ],
  ])('%s', async (_what, path, asked, status, body) => {
    const answer = await ask(path, asked);
    expect([answer.status, answer.json]).toEqual([status, body]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-powered-by')).toBeNull();
    if (status === 401) expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(lines).toEqual([]);
  });

  test('a fault of ours says nothing about itself, and is not cached', async () => {
    served.push(bus.serve(auth.keys, () => Promise.reject(new Error('the password is hunter2'))));
    const answer = await ask('/.well-known/jwks.json');
    expect([answer.status, answer.json]).toEqual([500, { error: 'internal error', code: 'internal' }]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('who has to wait is told for how long', async () => {
    served.push(
      bus.serve(auth.login, () => Promise.resolve(fail('rate_limited', 'slow down', { retryAfterMs: 1_500 }))),
    );
    const answer = await ask('/auth/login', post('{"username":"ada","password":"x"}'));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2']);
  });
});

test('keys may be cached, and nothing else', async () => {
  served.push(bus.serve(auth.keys, () => Promise.resolve(ok({ keys: [] }))));
  expect((await ask('/.well-known/jwks.json')).headers.get('cache-control')).toBe('public, max-age=60');
});

describe('topics', () => {
  test('payloads come back as they were sent, however deep and long they are', async () => {
    const payloads = [
      '['.repeat(50_000) + ']'.repeat(50_000),
      '12345678901234567890.10',
      '{"b":1,"a":{"__proto__":2}}',
    ];
    served.push(
      bus.serve(messaging.topicHistory, ({ topic }) =>
        Promise.resolve(
          ok({
            messages: payloads.map((payload, index) => ({
              messageId: newMessageId(),
              topic,
              from: null,
              sentAt: 1,
              format: 'json' as const,
              sequence: index + 1,
              payload,
            })),
            more: false,
          }),
        ),
      ),
    );
    const answer = await ask('/topics/a.b/messages', { headers: server });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    for (const payload of payloads) expect(answer.text).toContain(`"payload":${payload}}`);
    expect(answer.json).toMatchObject({ topic: 'a.b', more: false, messages: [{ sequence: 1 }, {}, {}] });
  });

  test('a payload is published byte for byte, or not at all', async () => {
    const bodies: string[] = [];
    served.push(
      bus.serve(messaging.publishTopic, (_request, { body }) => {
        bodies.push(Buffer.from(body ?? '').toString());
        return Promise.resolve(ok({ sequence: 1, messageId: newMessageId(), sentAt: 1, duplicate: true }));
      }),
    );
    const sent = await ask(
      '/topics/a/messages',
      post('{"payload": {"n": 1.0, "n": 2.00}, "id":"x"}', { ...json, ...server }),
    );
    expect(sent.status).toBe(201);
    expect(bodies).toEqual(['{"n": 1.0, "n": 2.00}']);
    const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;
    const nested = await ask('/topics/a/messages', post(`{"payload":1,"metadata":${deep}}`, { ...json, ...server }));
    expect([nested.status, nested.json]).toMatchObject([400, { code: 'invalid', field: 'metadata' }]);
    const utf16 = Buffer.from('{"payload": 1}', 'utf16le');
    const refused = await ask(
      '/topics/a/messages',
      post(utf16, { 'Content-Type': 'application/json; charset=utf-16le', ...server }),
    );
    expect([refused.status, refused.json]).toEqual([
      400,
      { error: 'the body has to be JSON in UTF-8', code: 'invalid' },
    ]);
    expect(bodies).toHaveLength(1);
  });
});

test('a document nested without end is refused, and nobody else hears of it', async () => {
  const login = { userId: newUserId(), loginId: newLoginId(), username: 'deep', expiresAt: Date.now() + 60_000 };
  const user = vi.spyOn(Callers.prototype, 'user').mockResolvedValue(login);
  const deep = '['.repeat(10_000) + ']'.repeat(10_000);
  const refused = await ask('/rooms', post(`{"type":"json","content":${deep}}`));
  expect([refused.status, refused.json]).toMatchObject([400, { code: 'invalid', field: 'content' }]);
  user.mockRestore();
});

test('serves the AsyncAPI of every dialect, and of nothing else', async () => {
  for (const dialect of dialects) {
    const response = await fetch(`${url}/asyncapi/${dialect.name}.json`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(asyncApi(dialect));
  }
  expect((await fetch(`${url}/asyncapi/none.json`)).status).toBe(404);
});
