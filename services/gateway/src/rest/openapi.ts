import { RequestMethod, type Type as Class } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { errorCodes, type ErrorCode } from '@parley/contracts';
import type { TObject, TSchema } from '@sinclair/typebox';
import { OPERATION, type OperationDoc } from './operation.js';

interface Route {
  readonly method: string;
  /** As OpenAPI writes it: `/servers/{id}`. */
  readonly path: string;
  readonly operation: OperationDoc;
}

const always: readonly ErrorCode[] = ['unavailable', 'internal'];

/** OpenAPI 3.1 of these controllers, made from the schemas that they validate with. */
export function openApi(controllers: readonly Class[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, path, operation } of controllers.flatMap(routesOf)) {
    (paths[path] ??= {})[method] = describe(path, operation);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Parley', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: {
        user: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token.' },
        host: {
          type: 'http',
          scheme: 'bearer',
          description: 'The session’s host token, or an access token of the account that made it.',
        },
        server: { type: 'http', scheme: 'bearer', description: 'A key of the server API.' },
      },
      schemas: { Error: errorSchema },
    },
  };
}

const errorSchema = {
  type: 'object',
  required: ['error', 'code'],
  properties: {
    error: { type: 'string', description: 'One sentence for people.' },
    code: { type: 'string', enum: Object.keys(errorCodes) },
    field: { type: 'string', description: 'Path of what was wrong.' },
  },
};

/** Routes without a description are left out here and found by a test. */
export function routesOf(controller: Class): readonly Route[] {
  return handlersOf(controller).flatMap(({ handler, method, path }) => {
    const operation: unknown = Reflect.getMetadata(OPERATION, handler);
    return isOperation(operation) ? [{ method, path, operation }] : [];
  });
}

/** `GET /servers/{id}` for every route of a controller, described or not. */
export function routeNames(controller: Class): readonly { readonly name: string; readonly described: boolean }[] {
  return handlersOf(controller).map(({ handler, method, path }) => ({
    name: `${method.toUpperCase()} ${path}`,
    described: isOperation(Reflect.getMetadata(OPERATION, handler)),
  }));
}

function handlersOf(controller: Class): readonly { handler: object; method: string; path: string }[] {
  const base: unknown = Reflect.getMetadata(PATH_METADATA, controller);
  const prototype: unknown = controller.prototype;
  if (typeof prototype !== 'object' || prototype === null) return [];
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    if (typeof handler !== 'function') return [];
    const path: unknown = Reflect.getMetadata(PATH_METADATA, handler);
    const method: unknown = Reflect.getMetadata(METHOD_METADATA, handler);
    if (typeof path !== 'string' || typeof method !== 'number') return [];
    return [{ handler, method: (RequestMethod[method] ?? '').toLowerCase(), path: join(textOf(base), path) }];
  });
}

function join(base: string, path: string): string {
  const whole = `/${base}/${path}`.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1');
  return whole.replaceAll(/:(\w+)/g, '{$1}');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isOperation(value: unknown): value is OperationDoc {
  return typeof value === 'object' && value !== null && 'summary' in value;
}

function describe(path: string, operation: OperationDoc): object {
  const { summary, caller, status, query, body, reply } = operation;
  const parameters = [...pathParameters(path), ...(query === undefined ? [] : queryParameters(query))];
  return {
    summary,
    ...(caller === 'anyone' ? {} : { security: [{ [caller]: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: {
      [status]: { description: reply === undefined ? 'Done.' : 'Done; see the body.', ...contentOf(reply) },
      ...errorResponses(operation),
    },
  };
}

function errorResponses({ caller, body, query, errors = [] }: OperationDoc): object {
  const codes = new Set<ErrorCode>([...errors, ...always]);
  if (caller !== 'anyone') codes.add('unauthenticated');
  if (body !== undefined || query !== undefined) codes.add('invalid');
  const statuses = new Set([...codes].map((code) => errorCodes[code].status));
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      {
        description: [...codes].filter((code) => errorCodes[code].status === status).join(', '),
        content: json({ $ref: '#/components/schemas/Error' }),
      },
    ]),
  );
}

function pathParameters(path: string): readonly object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: TObject): readonly object[] {
  const required = new Set(query.required ?? []);
  return Object.entries(query.properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema,
  }));
}

function contentOf(reply: TSchema | undefined): object {
  return reply === undefined ? {} : { content: json(reply) };
}

function json(schema: object): object {
  return { 'application/json': { schema } };
}
