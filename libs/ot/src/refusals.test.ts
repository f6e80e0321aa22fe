import { describe, expect, it } from 'vitest';
import { documentTypes } from './all-types.js';
import type { OperationalType } from './document-type.js';
import { json } from './json.js';
import { richText } from './rich-text.js';
import { text } from './text.js';

const LONE = '\ud83d';
const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const reserved = (key: string): unknown => JSON.parse(`{${JSON.stringify(key)}:1}`);

function refusesOperations<C, O>(type: OperationalType<C, O>, cases: Record<string, unknown>): void {
  it.each(Object.entries(cases))('refuses an operation: %s', (_, operation) => {
    expect(type.parseOperation(operation)).toMatchObject({ ok: false, error: { code: 'invalid' } });
  });
}

function refusesContent<C, O>(type: OperationalType<C, O>, cases: Record<string, unknown>): void {
  it.each(Object.entries(cases))('refuses content: %s', (_, content) => {
    expect(type.parseContent(content)).toMatchObject({ ok: false, error: { code: 'invalid' } });
  });
}

function refusesToApply<C, O>(type: OperationalType<C, O>, content: unknown, cases: Record<string, unknown>): void {
  it.each(Object.entries(cases))('refuses to apply: %s', (_, given) => {
    const before = type.parseContent(content);
    const operation = type.parseOperation(given);
    if (!before.ok || !operation.ok) throw new Error('the case itself is not well-formed');
    expect(type.apply(before.value, operation.value)).toMatchObject({ ok: false, error: { code: 'invalid' } });
    expect(type.contentToJson(before.value)).toEqual(content);
  });
}

describe('text', () => {
  refusesContent(text, { 'not a string': 5, 'half a pair': `a${LONE}` });
  refusesOperations(text, {
    'not a list': { d: 1 },
    'a negative skip': [-1, 'x'],
    'half a skip': [0.5, 'x'],
    'minus zero': [-0, 'x'],
    'a deletion of nothing countable': [{ d: '1', e: 1 }],
    'a negative deletion': [{ d: -3 }],
    'an absurd count': [2 ** 40, 'x'],
    'counts that are absurd together': Array.from({ length: 100 }, () => [2 ** 25, 'x']).flat(),
    'half a pair': [LONE],
    'too many parts': Array.from({ length: 20_001 }, () => 'x'),
    'a nested list': [['x']],
  });
  refusesToApply(text, 'ab😀', { 'a skip beyond the end': [4, 'x'], 'a deletion beyond the end': [2, { d: 2 }] });

  it('puts right what the library throws at', () => {
    expect(text.parseOperation([0, '', 1, 2, 'x', 'y', { d: 1 }, { d: '😀' }, { d: 0 }, 7])).toEqual({
      ok: true,
      value: [3, 'xy', { d: 2 }],
    });
  });
});

describe('json', () => {
  refusesContent(json, {
    'too deep': deep(102),
    'a reserved key': reserved('__proto__'),
    'an inherited name': reserved('constructor'),
    'half a pair': { a: LONE },
    'half a pair in a key': { [LONE]: 1 },
    'not a number': Number.NaN,
    'nothing at all': undefined,
  });
  refusesOperations(json, {
    'not a list': {},
    'an empty list': [],
    'a path of too many keys': [...Array.from({ length: 101 }, () => 'a'), { r: true }],
    'lists nested too deeply': deep(5_000),
    'too many parts': [...Array.from({ length: 1_001 }, (_, index) => [index, { r: true }])],
    'a reserved key': ['__proto__', { i: 1 }],
    'an inherited name': ['toString', { r: true }],
    'a reserved key inside what it inserts': ['a', { i: reserved('__proto__') }],
    'an insert too deep at its place': ['a', 'b', { i: deep(99) }],
    'a negative index': [-1, { r: true }],
    'an edit of another type': ['a', { et: 'text-unicode', e: ['x'] }],
    'a text edit that is none': ['a', { es: [-1] }],
    'a fraction added': ['a', { ena: 0.5 }],
    'a pick without a drop': ['a', { p: 0 }],
    'an absurd slot': [
      ['a', { p: 2 ** 30 }],
      ['b', { d: 2 ** 30 }],
    ],
    'a pick of what it removes': ['a', { p: 0, r: true }],
    'keys out of order': [
      ['b', { r: true }],
      ['a', { r: true }],
    ],
    'half a pair in a key': [LONE, { r: true }],
    'half a pair in a text': ['a', { es: [LONE] }],
  });
  refusesToApply(
    json,
    { list: [1, 2], text: 'abc', big: Number.MAX_SAFE_INTEGER, half: 0.5, yes: true },
    {
      'a removal of nothing': ['gone', { r: true }],
      'a removal beyond the list': ['list', 2, { r: true }],
      "a removal of a list's length": ['list', 'length', { r: true }],
      "an edit of a list's length": ['list', 'length', { ena: 1 }],
      'an insert over something': ['text', { i: 1 }],
      'an insert beyond the list': ['list', 3, { i: 1 }],
      'an insert into a text': ['text', 0, { i: 1 }],
      'a text edit of a number': ['big', { es: ['x'] }],
      'a text edit beyond the end': ['text', { es: [2, { d: 5 }] }],
      'a number added to a text': ['text', { ena: 1 }],
      'a number added to true': ['yes', { ena: 1 }],
      'a sum that is not exact': ['big', { ena: 1 }],
      'a number added to a fraction': ['half', { ena: 1 }],
      'the removal of everything': [{ r: true }],
      'a move into itself': [['list', { p: 0 }, 0, { d: 0 }]].flat(),
    },
  );

  it('does not let moves nest the content deeper than inserts may', () => {
    const content = json.parseContent({ a: deep(90), b: deep(1), c: {} });
    const path = ['c', ...Array.from({ length: 20 }, () => 'x')];
    if (!content.ok) throw new Error(content.error.message);
    const nested = path.slice(1).reduceRight<unknown>((inner, key) => ({ [key]: inner }), {});
    const holder = json.parseOperation(['c', { r: true, i: nested }]);
    const move = json.parseOperation([
      ['a', { p: 0 }],
      [...path, 'y', { d: 0 }],
    ]);
    if (!holder.ok || !move.ok) throw new Error('the operations are well-formed');
    const held = json.apply(content.value, holder.value);
    if (!held.ok) throw new Error(held.error.message);
    expect(json.apply(held.value, move.value)).toMatchObject({ ok: false });
  });

  it('forgets what a removal says that it removes', () => {
    expect(json.parseOperation(['a', { r: { huge: 1 } }])).toEqual({ ok: true, value: ['a', { r: true }] });
  });

  it('takes an edit that does nothing for none', () => {
    expect(json.parseOperation(['a', { ena: 0 }])).toEqual({ ok: true, value: null });
    expect(json.parseOperation(['a', { es: [] }])).toEqual({ ok: true, value: null });
  });
});

describe('rich-text', () => {
  refusesContent(richText, {
    'not a delta': 'text',
    'something that is no insert': { ops: [{ retain: 1 }] },
    'half a pair': [{ insert: LONE }],
    'an embed of two': [{ insert: { image: 'a', video: 'b' } }],
    'an embed too deep': [{ insert: { image: deep(95) } }],
  });
  refusesOperations(richText, {
    'not a delta': { operations: [] },
    'too many parts': Array.from({ length: 20_001 }, () => ({ insert: 'x' })),
    'two things at once': [{ insert: 'x', delete: 1 }],
    'nothing at all': [{}],
    'an unknown part': [{ replace: 'x' }],
    'a negative count': [{ retain: -1 }],
    'half a count': [{ delete: 0.5 }],
    'an absurd count': [{ retain: 2 ** 40 }],
    'counts that are absurd together': Array.from({ length: 100 }, () => [{ retain: 2 ** 25 }, { insert: 'x' }]).flat(),
    'a retained embed': [{ retain: { image: 'a' } }],
    'attributes of a deletion': [{ delete: 1, attributes: { bold: true } }],
    'attributes that are none': [{ retain: 1, attributes: 'bold' }],
    'a reserved attribute': [{ retain: 1, attributes: reserved('__proto__') }],
    'too many attributes': [
      { retain: 1, attributes: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`a${index}`, 1])) },
    ],
    'attributes too long': [{ retain: 1, attributes: { link: 'x'.repeat(5_000) } }],
    'attributes too deep': [{ retain: 1, attributes: { link: deep(95) } }],
    'half a pair': [{ insert: LONE }],
  });
  refusesToApply(
    richText,
    { ops: [{ insert: 'a😀' }] },
    {
      'a retain beyond the end': [{ retain: 4 }, { insert: 'x' }],
      'a deletion beyond the end': [{ delete: 4 }],
      'an insert inside a character': [{ retain: 2 }, { insert: 'x' }],
      'a format of half a character': [{ retain: 2, attributes: { bold: true } }],
      'the deletion of half a character': [{ retain: 1 }, { delete: 1 }],
    },
  );

  it('inserts nothing that would be taken away', () => {
    expect(richText.parseOperation({ ops: [{ insert: 'x', attributes: { bold: null } }] })).toEqual({
      ok: true,
      value: [{ insert: 'x' }],
    });
  });
});

describe('the table of types', () => {
  it('has each under its name', () => {
    expect([...documentTypes.keys()].sort()).toEqual(['json', 'rich-text', 'text']);
    for (const [name, entry] of documentTypes) expect(entry.use((type) => type.name)).toBe(name);
  });
});
