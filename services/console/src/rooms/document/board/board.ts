import { isRecord } from '../../../session/json.js';

/** A `json` document: columns with cards. Ids tell them apart while others move them about. */
export interface Card {
  readonly id: string;
  readonly title: string;
}

export interface Column {
  readonly id: string;
  readonly title: string;
  readonly cards: readonly Card[];
}

export interface Board {
  readonly columns: readonly Column[];
}

/** Where a card is: of the lists in the document, not of what is on the screen. */
export interface Place {
  readonly column: number;
  readonly card: number;
}

export function newBoard(): Board {
  return {
    columns: ['To do', 'Doing', 'Done'].map((title) => ({ id: newId(), title, cards: [] })),
  };
}

/** Short, and unlikely enough to meet its like in one document. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(36).padStart(2, '0')).join('');
}

/** Undefined for a document that is no board: any client may have written it. Other members are left as they are. */
export function boardOf(content: unknown): Board | undefined {
  return isBoard(content) ? content : undefined;
}

export function findCard({ columns }: Board, id: string): Place | undefined {
  for (const [column, { cards }] of columns.entries()) {
    const card = cards.findIndex((one) => one.id === id);
    if (card >= 0) return { column, card };
  }
  return undefined;
}

export function cardAt({ columns }: Board, { column, card }: Place): Card | undefined {
  return columns[column]?.cards[card];
}

function isBoard(value: unknown): value is Board {
  return isRecord(value) && Array.isArray(value['columns']) && value['columns'].every(isColumn);
}

function isColumn(value: unknown): value is Column {
  return isCard(value) && 'cards' in value && Array.isArray(value.cards) && value.cards.every(isCard);
}

function isCard(value: unknown): value is Card {
  return isRecord(value) && typeof value['id'] === 'string' && typeof value['title'] === 'string';
}
