import type { Room } from '@parley/client';
import type { TextOperation } from '../text/text-operation.js';
import { boardOf, cardAt, findCard, newId, type Board, type Card, type Place } from './board.js';
import { dropPlace, oneStep, type Direction } from './board-moves.js';
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

/** Where a card is now, for who did not see it move. */
export interface Moved {
  readonly card: Card;
  readonly column: string;
  /** Counted from 1. */
  readonly place: number;
  readonly of: number;
}

/** What a person does to a board. Everything is named by its id: where it is, is looked up when it is done. */
export class BoardActions {
  constructor(
    private readonly room: Pick<Room, 'document'>,
    private readonly refused: (error: unknown) => void,
  ) {}

  get board(): Board | undefined {
    return boardOf(this.room.document.content);
  }

  cardTitle(id: string): string | undefined {
    const { board } = this;
    const place = board && findCard(board, id);
    return place && cardAt(board, place)?.title;
  }

  columnTitle(id: string): string | undefined {
    return this.board?.columns.find((column) => column.id === id)?.title;
  }

  addColumn(title: string): void {
    this.step(({ columns }) => addColumn(columns.length, { id: newId(), title, cards: [] }));
  }

  removeColumn(id: string): void {
    this.step((board) => atColumn(board, id, removeColumn));
  }

  addCard(columnId: string, title: string): void {
    this.step((board) =>
      atColumn(board, columnId, (column) => {
        const card = board.columns[column]?.cards.length ?? 0;
        return addCard({ column, card }, { id: newId(), title });
      }),
    );
  }

  removeCard(id: string): void {
    this.step((board) => atCard(board, id, removeCard));
  }

  /** As letters are typed: they are undone together. Throws when it can't be made. */
  editCardTitle(id: string, change: TextOperation): void {
    this.edit((board) => atCard(board, id, (place) => editCardTitle(place, change)));
  }

  editColumnTitle(id: string, change: TextOperation): void {
    this.edit((board) => atColumn(board, id, (column) => editColumnTitle(column, change)));
  }

  /** Undefined: it is at the edge. */
  moveByStep(id: string, direction: Direction): Moved | undefined {
    const done = this.step((board) =>
      atCard(board, id, (from) => {
        const to = oneStep(board, from, direction);
        return to && moveCard(from, to);
      }),
    );
    return done ? this.whereIs(id) : undefined;
  }

  /** Before another card of that column, or at its end. Undefined: it was there already, or one of them is gone. */
  drop(id: string, columnId: string, beforeId: string | undefined): Moved | undefined {
    const done = this.step((board) =>
      atColumn(board, columnId, (column) => {
        const cards = board.columns[column]?.cards ?? [];
        const found = cards.findIndex((card) => card.id === beforeId);
        return atCard(board, id, (from) => moveCard(from, dropPlace(from, column, found < 0 ? cards.length : found)));
      }),
    );
    return done ? this.whereIs(id) : undefined;
  }

  private whereIs(id: string): Moved | undefined {
    const { board } = this;
    const place = board && findCard(board, id);
    if (board === undefined || place === undefined) return undefined;
    const column = board.columns[place.column];
    const card = cardAt(board, place);
    if (column === undefined || card === undefined) return undefined;
    return { card, column: column.title, place: place.card + 1, of: column.cards.length };
  }

  /** Undone by itself. False: nothing was to be done, or it was refused. */
  private step(make: (board: Board) => BoardOperation | undefined): boolean {
    try {
      return this.edit(make, { merge: false });
    } catch (error) {
      this.refused(error);
      return false;
    }
  }

  private edit(make: (board: Board) => BoardOperation | undefined, options?: { readonly merge: boolean }): boolean {
    const { board } = this;
    const operation = board && make(board);
    if (operation === undefined) return false;
    this.room.document.edit(operation, options);
    return true;
  }
}

function atCard<T>(board: Board, id: string, then: (place: Place) => T): T | undefined {
  const place = findCard(board, id);
  return place === undefined ? undefined : then(place);
}

function atColumn<T>({ columns }: Board, id: string, then: (column: number) => T): T | undefined {
  const column = columns.findIndex((one) => one.id === id);
  return column < 0 ? undefined : then(column);
}
