import { Type } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { misfit } from './json-schema.js';

const root = { components: { schemas: { Error: { type: 'object', properties: { error: { type: 'string' } } } } } };
const schema: unknown = JSON.parse(
  JSON.stringify(
    Type.Object({
      id: Type.String({ format: 'uuid' }),
      at: Type.Optional(Type.Union([Type.String({ format: 'date-time' }), Type.Null()])),
      kind: Type.Optional(Type.Union([Type.Literal('text'), Type.Literal('voice')])),
      list: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 2 })),
    }),
  ),
);
const id = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('misfit', () => {
  it.each([
    [{ id }, undefined],
    [{ id, at: null, kind: 'voice', list: [1, 2] }, undefined],
    [{ id, at: '2025-01-01T12:00:00.000Z' }, undefined],
    [{}, '$.id: is missing'],
    [{ id: 'x' }, '$.id: "x" is no uuid'],
    [{ id, at: 'today' }, '$.at: "today" is no date-time; $.at: "today" is not null'],
    [{ id, kind: 'video' }, '$.kind: is "video", not "text"; $.kind: is "video", not "voice"'],
    [{ id, list: [1, 0] }, '$.list[1]: less than 1'],
    [{ id, list: [1, 2, 3] }, '$.list: more than 2'],
    [{ id, more: 1 }, '$.more: is not described'],
    [[], '$: [] is not an object'],
  ])('%j', (value, expected) => {
    expect(misfit(schema, value, root)).toBe(expected);
  });

  it('follows references, and refuses what it does not understand', () => {
    expect(misfit({ $ref: '#/components/schemas/Error' }, { error: 5 }, root)).toBe('$.error: 5 is not a string');
    expect(misfit({ $ref: '#/components/schemas/None' }, {}, root)).toBe('$: not a schema');
    expect(misfit({ type: 'string', contentEncoding: 'base64' }, '', root)).toContain('contentEncoding');
  });
});
