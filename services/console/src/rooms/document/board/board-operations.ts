import type { TextOperation } from '../text/text-operation.js';
import type { Card, Column, Place } from './board.js';

/**
 * Each change of a board as an operation on exactly what it changes (ot-json1), so that changes that are made at the same time fit
 * together: a card that one moves while another edits its title arrives with the new title.
 */
export type BoardOperation = readonly unknown[];

export function addColumn(at: number, column: Column): BoardOperation {
  return ['columns', at, { i: column }];
}

export function removeColumn(at: number): BoardOperation {
  return ['columns', at, { r: true }];
}

export function editColumnTitle(at: number, change: TextOperation): BoardOperation {
  return ['columns', at, 'title', { es: change }];
}

export function addCard({ column, card }: Place, added: Card): BoardOperation {
  return ['columns', column, 'cards', card, { i: added }];
}

export function removeCard({ column, card }: Place): BoardOperation {
  return ['columns', column, 'cards', card, { r: true }];
}

export function editCardTitle({ column, card }: Place, change: TextOperation): BoardOperation {
  return ['columns', column, 'cards', card, 'title', { es: change }];
}

/** `to` is where the card is afterwards. Undefined: it is there already. */
export function moveCard(from: Place, to: Place): BoardOperation | undefined {
  if (from.column === to.column) {
    if (from.card === to.card) return undefined;
    return ['columns', from.column, 'cards', ...inOrder([from.card, { p: 0 }], [to.card, { d: 0 }])];
  }
  return ['columns', ...inOrder([from.column, 'cards', from.card, { p: 0 }], [to.column, 'cards', to.card, { d: 0 }])];
}

type Branch = readonly [index: number, ...rest: readonly unknown[]];

/** Branches of one list are named in its order. */
function inOrder(one: Branch, other: Branch): readonly Branch[] {
  return one[0] < other[0] ? [one, other] : [other, one];
}
