import 'reflect-metadata';
import { expect, test } from 'vitest';
import { openApi, routeNames } from './openapi.js';
import { controllers } from './rest.module.js';

test('every route is described', () => {
  const routes = controllers.flatMap((controller) => routeNames(controller));
  expect(routes.filter(({ described }) => !described)).toEqual([]);
  expect(new Set(routes.map(({ name }) => name)).size).toBe(routes.length);
  expect(routes.length).toBeGreaterThan(30);
});

test('a route shows its parameters, its body, its answers and its errors', () => {
  expect(openApi(controllers, '1.0')).toMatchObject({
    openapi: '3.1.0',
    paths: {
      '/servers/{id}/members': {
        get: {
          security: [{ user: [] }],
          parameters: [
            { name: 'id', in: 'path', required: true },
            { name: 'after', in: 'query', required: false },
            { name: 'limit', in: 'query', required: false },
          ],
          responses: {
            200: { content: { 'application/json': { schema: { type: 'object' } } } },
            404: { description: 'not_found' },
            401: { description: 'unauthenticated' },
          },
        },
      },
      '/auth/login': { post: { requestBody: { required: true }, responses: { 429: { description: 'rate_limited' } } } },
      '/notifications': { post: { security: [{ server: [] }] } },
    },
  });
});
