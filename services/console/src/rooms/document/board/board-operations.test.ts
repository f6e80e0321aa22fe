import { jsonType } from '@parley/ot/json';
import { describe, expect, test } from 'vitest';
import { boardOf, cardAt, findCard, newBoard, type Board, type Place } from './board.js';
import { dropPlace, oneStep } from './board-moves.js';
import {
  addCard,
  addColumn,
  editCardTitle,
  editColumnTitle,
  moveCard,
  removeCard,
  removeColumn,
  type BoardOperation,
} from './board-operations.js';

const board: Board = {
  columns: [
    { id: 'todo', title: 'To do', cards: ['a', 'b', 'c'].map((id) => ({ id, title: id.toUpperCase() })) },
    { id: 'doing', title: 'Doing', cards: [] },
    { id: 'done', title: 'Done', cards: [{ id: 'd', title: 'D' }] },
  ],
};

function applied(content: unknown, operation: BoardOperation | undefined): unknown {
  return jsonType.use((type) => {
    const [from, parsed] = [type.parseContent(content), type.parseOperation(operation ?? null)];
    if (!from.ok || !parsed.ok) throw new Error('does not parse');
    const after = type.apply(from.value, parsed.value);
    if (!after.ok) throw new Error(after.error.message);
    return type.contentToJson(after.value);
  });
}

/** Both made on the same board, the first one in first: the same board on both sides. */
function together(first: BoardOperation | undefined, second: BoardOperation | undefined): string {
  return jsonType.use((type) => {
    const [one, two] = [type.parseOperation(first ?? null), type.parseOperation(second ?? null)];
    if (!one.ok || !two.ok) throw new Error('does not parse');
    const here = applied(
      applied(board, first),
      operationOf(type.operationToJson(type.transform(two.value, one.value, 'right'))),
    );
    const there = applied(
      applied(board, second),
      operationOf(type.operationToJson(type.transform(one.value, two.value, 'left'))),
    );
    expect(there).toEqual(here);
    return drawn(here);
  });
}

function operationOf(json: unknown): BoardOperation | undefined {
  return Array.isArray(json) ? json : undefined;
}

function drawn(content: unknown): string {
  const columns = boardOf(content)?.columns ?? [];
  return columns.map(({ title, cards }) => `${title}: ${cards.map((card) => card.title).join(' ')}`.trim()).join(' | ');
}

function at(column: number, card: number): Place {
  return { column, card };
}

describe('each change', () => {
  test.each<[string, BoardOperation | undefined, string]>([
    ['add a card', addCard(at(1, 0), { id: 'x', title: 'X' }), 'To do: A B C | Doing: X | Done: D'],
    ['remove a card', removeCard(at(0, 1)), 'To do: A C | Doing: | Done: D'],
    ['edit a title', editCardTitle(at(0, 1), [1, 'ee']), 'To do: A Bee C | Doing: | Done: D'],
    ['add a column', addColumn(3, { id: 'n', title: 'New', cards: [] }), 'To do: A B C | Doing: | Done: D | New:'],
    ['remove a column', removeColumn(0), 'Doing: | Done: D'],
    ['edit its title', editColumnTitle(1, ['Not ']), 'To do: A B C | Not Doing: | Done: D'],
    ['move down', moveCard(at(0, 0), at(0, 2)), 'To do: B C A | Doing: | Done: D'],
    ['move up', moveCard(at(0, 2), at(0, 0)), 'To do: C A B | Doing: | Done: D'],
    ['move right', moveCard(at(0, 1), at(2, 1)), 'To do: A C | Doing: | Done: D B'],
    ['move left', moveCard(at(2, 0), at(0, 1)), 'To do: A D B C | Doing: | Done:'],
    ['stay', moveCard(at(0, 1), at(0, 1)), 'To do: A B C | Doing: | Done: D'],
  ])('%s', (_name, operation, expected) => {
    expect(drawn(applied(board, operation))).toBe(expected);
  });
});

describe('at the same time', () => {
  test('a card that is moved keeps the title that it gets', () => {
    expect(together(moveCard(at(0, 0), at(1, 0)), editCardTitle(at(0, 0), [1, '!']))).toBe(
      'To do: B C | Doing: A! | Done: D',
    );
  });

  test('a card that two move is there once, where the first one put it', () => {
    expect(together(moveCard(at(0, 0), at(1, 0)), moveCard(at(0, 0), at(2, 0)))).toBe(
      'To do: B C | Doing: A | Done: D',
    );
  });

  test('both letters of a title', () => {
    expect(together(editCardTitle(at(0, 1), [1, '1']), editCardTitle(at(0, 1), ['2']))).toBe(
      'To do: A 2B1 C | Doing: | Done: D',
    );
  });

  test('a card that is moved within its column while another is taken out of it', () => {
    expect(together(moveCard(at(0, 2), at(0, 0)), removeCard(at(0, 1)))).toBe('To do: C A | Doing: | Done: D');
  });

  test('a card in a column that is removed is gone', () => {
    expect(together(removeColumn(0), editCardTitle(at(0, 0), ['x']))).toBe('Doing: | Done: D');
  });
});

describe('steps', () => {
  test.each<[Place, 'up' | 'down' | 'left' | 'right', Place | undefined]>([
    [at(0, 1), 'up', at(0, 0)],
    [at(0, 0), 'up', undefined],
    [at(0, 2), 'down', undefined],
    [at(0, 2), 'right', at(1, 0)],
    [at(2, 0), 'right', undefined],
    [at(2, 0), 'left', at(1, 0)],
  ])('of a card at %j %s', (from, direction, to) => {
    expect(oneStep(board, from, direction)).toEqual(to);
  });

  test('a drop behind itself is one place less', () => {
    expect([dropPlace(at(0, 0), 0, 3), dropPlace(at(0, 2), 0, 1), dropPlace(at(0, 0), 1, 0)]).toEqual([
      at(0, 2),
      at(0, 1),
      at(1, 0),
    ]);
  });
});

test('a board is found again in its document, and nothing else is taken for one', () => {
  expect(boardOf(newBoard())?.columns).toHaveLength(3);
  for (const content of [
    null,
    [],
    {},
    { columns: [{ title: 'x' }] },
    { columns: [{ id: '1', title: 'x', cards: [1] }] },
  ]) {
    expect(boardOf(content)).toBeUndefined();
  }
  const place = findCard(board, 'd');
  expect([place, place && cardAt(board, place)?.title, findCard(board, 'x')]).toEqual([at(2, 0), 'D', undefined]);
});
