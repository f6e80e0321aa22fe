import { Type } from '@sinclair/typebox';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { defineOptions, describeOptions, loadOptions, option, OptionsError, unknownVariables } from './index.js';

const definitions = defineOptions({
  url: option.url({
    env: 'PARLEY_DATABASE_URL',
    default: 'postgres://parley:hunter2@127.0.0.1/parley',
    protocols: ['postgres:', 'postgresql:'],
    doc: 'Where Postgres is.',
  }),
  pool: option.integer({ env: 'PARLEY_POOL', default: 10, min: 1, max: 64, doc: 'Connections.' }),
  ratio: option.number({ env: 'PARLEY_RATIO', default: 0.05, min: 0, max: 1, doc: 'Sampled part.' }),
  verbose: option.boolean({ env: 'PARLEY_VERBOSE', default: false, doc: 'More.' }),
  level: option.choice({ env: 'PARLEY_LEVEL', choices: ['debug', 'info'], default: 'info', doc: 'Level.' }),
  keys: option.list({ env: 'PARLEY_KEYS', default: [], secret: true, doc: 'Keys.' }),
  region: option.string({ env: 'PARLEY_REGION', optional: true, doc: 'Region.' }),
  rules: option.json({
    env: 'PARLEY_RULES',
    schema: Type.Array(Type.Object({ topic: Type.String() })),
    default: [],
    doc: 'Rules.',
  }),
  secret: option.secret({ env: 'PARLEY_SECRET', minLength: 8, doc: 'Signs things.' }),
});

const minimal = { PARLEY_SECRET: 'long enough' };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadOptions(definitions, env);
  } catch (error) {
    if (error instanceof OptionsError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadOptions', () => {
  it('types the values and fills in defaults', () => {
    const values = loadOptions(definitions, minimal);
    expectTypeOf(values.pool).toEqualTypeOf<number>();
    expectTypeOf(values.level).toEqualTypeOf<'debug' | 'info'>();
    expectTypeOf(values.region).toEqualTypeOf<string | undefined>();
    expectTypeOf(values.rules).toEqualTypeOf<{ topic: string }[]>();
    expectTypeOf(values.secret).toEqualTypeOf<string>();
    expect(values).toMatchObject({ pool: 10, ratio: 0.05, verbose: false, level: 'info', keys: [], rules: [] });
    expect(values.region).toBeUndefined();
    expect(Object.isFrozen(values)).toBe(true);
  });

  it('reads every kind', () => {
    const values = loadOptions(definitions, {
      ...minimal,
      PARLEY_DATABASE_URL: 'postgresql://db/x',
      PARLEY_POOL: ' 64 ',
      PARLEY_RATIO: '.5',
      PARLEY_VERBOSE: 'Yes',
      PARLEY_LEVEL: 'debug',
      PARLEY_KEYS: 'a, b,,c',
      PARLEY_REGION: 'north',
      PARLEY_RULES: '[{"topic":"a.b"}]',
    });
    expect(values).toEqual({
      url: 'postgresql://db/x',
      pool: 64,
      ratio: 0.5,
      verbose: true,
      level: 'debug',
      keys: ['a', 'b', 'c'],
      region: 'north',
      rules: [{ topic: 'a.b' }],
      secret: 'long enough',
    });
  });

  it('takes an empty variable for an unset one', () => {
    expect(loadOptions(definitions, { ...minimal, PARLEY_POOL: '', PARLEY_REGION: ' ' })).toMatchObject({ pool: 10 });
  });

  it('says every problem at once', () => {
    expect(problemsOf({ PARLEY_POOL: '65', PARLEY_RATIO: '1e1', PARLEY_LEVEL: 'loud', PARLEY_VERBOSE: '2' })).toEqual([
      'PARLEY_POOL: expected an integer, 1 to 64, got "65"',
      'PARLEY_RATIO: expected a number, 0 to 1, got "1e1"',
      'PARLEY_VERBOSE: expected true or false, got "2"',
      'PARLEY_LEVEL: expected one of debug, info, got "loud"',
      'PARLEY_SECRET: is required (secret). Signs things.',
    ]);
  });

  it.each(['0x10', '1.5', 'NaN', 'Infinity', '1 000', '12abc', '99999999999999999999'])(
    'refuses %s as an integer',
    (text) => {
      expect(problemsOf({ ...minimal, PARLEY_POOL: text })).toHaveLength(1);
    },
  );

  it('never repeats what may be secret', () => {
    const problems = problemsOf({
      PARLEY_SECRET: 's3cret',
      PARLEY_DATABASE_URL: 'mysql://me:s3cret@db/x',
      PARLEY_RULES: '[{"s3cret":',
    });
    expect(problems).toEqual([
      'PARLEY_DATABASE_URL: expected a URL that starts with postgres: or postgresql:',
      'PARLEY_RULES: expected JSON',
      'PARLEY_SECRET: expected 8 to 65536 characters',
    ]);
    expect(problemsOf({ ...minimal, PARLEY_DATABASE_URL: 's3cret' })).toEqual(['PARLEY_DATABASE_URL: expected a URL']);
  });

  it('names the place in JSON that does not fit', () => {
    expect(problemsOf({ ...minimal, PARLEY_RULES: '[{"topic":1}]' })).toEqual([
      'PARLEY_RULES: does not fit its schema at /0/topic: Expected string',
    ]);
  });
});

describe('describeOptions', () => {
  it('gives a row per option and hides secrets', () => {
    const rows = describeOptions(definitions);
    expect(rows.map((row) => [row.env, row.default])).toEqual([
      ['PARLEY_DATABASE_URL', 'postgres://parley:***@127.0.0.1/parley'],
      ['PARLEY_POOL', '10'],
      ['PARLEY_RATIO', '0.05'],
      ['PARLEY_VERBOSE', 'false'],
      ['PARLEY_LEVEL', 'info'],
      ['PARLEY_KEYS', '(hidden)'],
      ['PARLEY_REGION', '(none)'],
      ['PARLEY_RULES', '[]'],
      ['PARLEY_SECRET', '(required)'],
    ]);
    expect(rows[1]).toEqual({ env: 'PARLEY_POOL', type: 'integer, 1 to 64', default: '10', doc: 'Connections.' });
  });
});

describe('defineOptions', () => {
  it('refuses a variable that is defined twice', () => {
    const one = option.string({ env: 'PARLEY_A', default: 'x', doc: 'A.' });
    expect(() => defineOptions({ one, two: one })).toThrow('PARLEY_A is defined twice');
  });
});

describe('unknownVariables', () => {
  it('reports what no set reads, with the nearest name', () => {
    const other = defineOptions({ port: option.integer({ env: 'PARLEY_PORT', default: 1, doc: 'Port.' }) });
    const env = { PATH: '/bin', PARLEY_PORT: '1', PARLEY_POOL: '2', PARLEY_POLL: '2', PARLEY_SOMETHING_ELSE: '' };
    expect(unknownVariables(env, definitions, other)).toEqual([
      'PARLEY_POLL is no option of this process; did you mean PARLEY_POOL?',
      'PARLEY_SOMETHING_ELSE is no option of this process',
    ]);
  });
});
