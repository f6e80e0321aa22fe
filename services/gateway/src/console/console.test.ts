import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadOptions } from '@parley/config';
import { createLogger } from '@parley/telemetry';
import { makeFolder } from '@parley/testing';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { gatewayOptions } from '../gateway.options.js';
import { configureRest } from '../rest/configure-rest.js';
import { serveConsole } from './serve-console.js';

@Controller()
class Things {
  @Get('things')
  list(): readonly string[] {
    return ['a thing'];
  }
}

@Module({ controllers: [Things] })
class Rest {}

const SCRIPT = `// ${'x'.repeat(2_000)}`;
const apps: NestExpressApplication[] = [];
let built: string;

beforeAll(async () => {
  built = await makeFolder('console');
  mkdirSync(join(built, 'assets'));
  writeFileSync(join(built, 'index.html'), '<!doctype html><title>the page</title>');
  writeFileSync(join(built, 'notes.txt'), 'not of the page');
  writeFileSync(join(built, 'assets', 'index-abc.js'), SCRIPT);
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function serve(env: Record<string, string> = {}) {
  const logger = createLogger('test', { level: 'silent' });
  const app = await NestFactory.create<NestExpressApplication>(Rest, { logger: false, rawBody: true });
  configureRest(app, logger);
  await serveConsole(app, loadOptions(gatewayOptions, { PARLEY_CONSOLE_FOLDER: built, ...env }), logger);
  await app.listen(0, '127.0.0.1');
  apps.push(app);
  const url = await app.getUrl();
  return (path: string, init: RequestInit = {}) => fetch(url + path, init);
}

describe('the page', () => {
  test('it comes with a policy that lets nothing in but its own scripts and styles', async () => {
    const ask = await serve();
    const page = await ask('/');
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html><title>the page</title>']);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('permissions-policy')).toContain('camera=(self), microphone=(self)');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob:",
      "media-src 'self' blob:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]);
  });

  test('what has a hash in its name is kept for ever, and compressed for who takes that', async () => {
    const ask = await serve();
    const script = await ask('/assets/index-abc.js');
    expect(await script.text()).toBe(SCRIPT);
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(script.headers.get('content-encoding')).toBe('gzip');
    const plain = await ask('/assets/index-abc.js', { headers: { 'Accept-Encoding': 'identity' } });
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, SCRIPT]);
    const head = await ask('/', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '38', '']);
  });

  test.each([
    '/assets',
    '/assets/',
    '/assets/nothing.js',
    '/notes.txt',
    '/index.html',
    '/%2e%2e/package.json',
    '/assets/..%2f..',
  ])('%s is none of its files, and answered as REST does', async (path) => {
    const ask = await serve();
    const answer = await ask(path);
    expect([answer.status, await answer.json()]).toEqual([404, { error: 'not found', code: 'not_found' }]);
    expect(answer.headers.get('content-security-policy')).toBeNull();
  });

  test('REST is as it was: its paths, its headers, other methods', async () => {
    const ask = await serve();
    const things = await ask('/things');
    expect([things.status, things.headers.get('cache-control'), await things.json()]).toEqual([
      200,
      'no-store',
      ['a thing'],
    ]);
    expect((await ask('/', { method: 'POST' })).status).toBe(404);
  });

  test('where it is not built, the gateway says so and serves REST', async () => {
    const ask = await serve({ PARLEY_CONSOLE_FOLDER: join(built, 'nowhere') });
    const answer = await ask('/');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/plain; charset=utf-8']);
    expect(await answer.text()).toContain('npm run build');
    expect((await ask('/things')).status).toBe(200);
  });

  test('it can be turned off', async () => {
    const ask = await serve({ PARLEY_CONSOLE: 'false' });
    for (const path of ['/', '/console.json', '/assets/index-abc.js']) expect((await ask(path)).status).toBe(404);
  });
});

describe('what it is told', () => {
  const gateways = ['http://127.0.0.1:8080', 'https://two.example'];
  const env = { PARLEY_CONSOLE_GATEWAYS: JSON.stringify(gateways) };

  test('the gateways and accounts that it may use, never kept by caches', async () => {
    const demo = [{ username: 'demo', password: 'secret' }];
    const ask = await serve({ ...env, PARLEY_CONSOLE_DEMO: JSON.stringify(demo) });
    const told = await ask('/console.json');
    expect(await told.json()).toEqual({ gateways, demo });
    expect(told.headers.get('cache-control')).toBe('no-store');
    expect(await (await (await serve())('/console.json')).json()).toEqual({ gateways: [], demo: [] });
  });

  test('those gateways, by both protocols, and no others are in its policy', async () => {
    const ask = await serve(env);
    expect((await ask('/')).headers.get('content-security-policy')).toContain(
      "connect-src 'self' http://127.0.0.1:8080 https://two.example ws://127.0.0.1:8080 wss://two.example;",
    );
  });

  test('the pages of those gateways may use REST here, with a token; no other page may', async () => {
    const ask = await serve(env);
    const origin = 'https://two.example';
    const asked = await ask('/things', { headers: { Origin: origin } });
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
    expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
    const preflight = await ask('/things', {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'PATCH' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type');
    for (const other of ['https://elsewhere.example', 'null', 'https://two.example.elsewhere.example']) {
      const refused = await ask('/things', { headers: { Origin: other } });
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('what is no origin is no gateway: the start says so', () => {
    const options = { PARLEY_CONSOLE_GATEWAYS: `["http://host; script-src 'unsafe-inline'"]` };
    expect(() => loadOptions(gatewayOptions, options)).toThrow('PARLEY_CONSOLE_GATEWAYS');
  });
});
