import { textType } from '@parley/ot/text';
import { describe, expect, test } from 'vitest';
import {
  bothWays,
  changeBetween,
  endOf,
  movedBy,
  pointsBefore,
  textOperationOf,
  unitsBefore,
  type TextOperation,
} from './text-operation.js';

function applied(text: string, operation: TextOperation): unknown {
  return textType.use((type) => {
    const [content, parsed] = [type.parseContent(text), type.parseOperation(operation)];
    if (!content.ok || !parsed.ok) throw new Error('does not parse');
    const after = type.apply(content.value, parsed.value);
    if (!after.ok) throw new Error(after.error.message);
    return type.contentToJson(after.value);
  });
}

describe('what was typed', () => {
  test.each<[string, string, number, TextOperation]>([
    ['', 'a', 1, ['a']],
    ['ab', 'axb', 2, [1, 'x']],
    // Of equal letters, the one before the caret is the new one.
    ['aaaa', 'aaaaa', 3, [2, 'a']],
    ['aaaa', 'aaaaa', 1, ['a']],
    // Backspace and delete leave the caret where the letter was.
    ['aaaa', 'aaa', 1, [1, { d: 1 }]],
    ['abc', 'ac', 1, [1, { d: 1 }]],
    ['one two', 'one three', 9, [5, 'hree', { d: 2 }]],
    ['abc', '', 0, [{ d: 3 }]],
    ['abc', 'abc', 1, []],
    // Pairs are one, and never cut: both begin with the same half.
    ['a😀b', 'a😁b', 3, [1, '😁', { d: 1 }]],
    ['😀', '😀😀', 2, ['😀']],
    ['x\u{1f600}', 'x\u{2f600}', 3, [1, '\u{2f600}', { d: 1 }]],
  ])('%j to %j with the caret at %i', (before, after, caret, operation) => {
    expect(changeBetween(before, after, caret)).toEqual(operation);
    expect(applied(before, operation)).toBe(after);
  });
});

describe('positions', () => {
  test.each<[TextOperation, number, number, number]>([
    [['xy'], 0, 0, 2],
    [[2, 'xy'], 2, 2, 4],
    [[2, 'xy'], 1, 1, 1],
    [[2, 'xy'], 3, 5, 5],
    [[1, { d: 2 }], 0, 0, 0],
    [[1, { d: 2 }], 2, 1, 1],
    [[1, { d: 2 }], 5, 3, 3],
    [[1, 'abc', { d: 2 }], 3, 4, 4],
    [['😀😀'], 1, 3, 3],
    [[{ d: 1 }, 2, 'x'], 3, 2, 3],
  ])('%j moves %i', (operation, position, staying, movingOn) => {
    expect(movedBy(operation, position, 'after')).toBe(staying);
    expect(movedBy(operation, position, 'before')).toBe(movingOn);
  });

  test('the end of a change', () => {
    expect([endOf([3, 'ab']), endOf([3, { d: 2 }]), endOf(['a', 2, 'b', { d: 9 }]), endOf([])]).toEqual([5, 3, 4, 0]);
  });

  test('units and code points', () => {
    const text = 'a😀b';
    expect([0, 1, 3, 4, 9].map((unit) => pointsBefore(text, unit))).toEqual([0, 1, 2, 3, 3]);
    expect([0, 1, 2, 3, 9].map((point) => unitsBefore(text, point))).toEqual([0, 1, 3, 4, 4]);
  });
});

test('two changes of one text fit each other, whichever is first', () => {
  const first: TextOperation = ['left ', 3];
  const second: TextOperation = [2, { d: 1 }, ' right'];
  const fitted = bothWays(first, second);
  expect(applied(String(applied('abc', first)), fitted.second)).toBe('left ab right');
  expect(applied(String(applied('abc', second)), fitted.first)).toBe('left ab right');
});

test('what is no operation on a text', () => {
  for (const json of [null, {}, 'abc', [null], [{ i: 'x' }], [[1]]]) expect(textOperationOf(json)).toBeUndefined();
  expect(textOperationOf([1, 'a', { d: 2 }])).toEqual([1, 'a', { d: 2 }]);
});
