import { useLayoutEffect, useRef, type FocusEvent } from 'react';

interface Held {
  readonly cardId: string;
  readonly element: HTMLElement;
}

export interface KeptFocus {
  readonly onFocus: (event: FocusEvent) => void;
  readonly onBlur: (event: FocusEvent) => void;
}

/**
 * A card that is moved, by whomever, is another element afterwards: the focus, and the caret in its title, go with it. `changed` is told
 * the card that has the focus.
 */
export function useKeptFocus(
  board: { readonly current: HTMLElement | null },
  changed: (cardId: string | undefined) => void,
): KeptFocus {
  const held = useRef<Held>(undefined);
  useLayoutEffect(() => {
    const { current } = held;
    if (current === undefined || (document.activeElement !== null && document.activeElement !== document.body)) return;
    const again = findAgain(board.current, current);
    if (again === undefined) {
      held.current = undefined;
      changed(undefined);
      return;
    }
    again.focus({ preventScroll: false });
    if (isField(again) && isField(current.element)) {
      again.setSelectionRange(current.element.selectionStart, current.element.selectionEnd);
    }
  });
  return {
    onFocus({ target }) {
      const cardId = target instanceof HTMLElement ? cardOf(target) : undefined;
      if (cardId === undefined || !(target instanceof HTMLElement)) return;
      const isOther = held.current?.cardId !== cardId;
      held.current = { cardId, element: target };
      if (isOther) changed(cardId);
    },
    onBlur({ relatedTarget }) {
      if (relatedTarget instanceof HTMLElement && cardOf(relatedTarget) !== undefined) return;
      held.current = undefined;
      changed(undefined);
    },
  };
}

function findAgain(board: HTMLElement | null, { cardId, element }: Held): HTMLElement | undefined {
  const cards = [...(board?.querySelectorAll<HTMLElement>('[data-card]') ?? [])];
  const card = cards.find(({ dataset }) => dataset['card'] === cardId);
  const part = element.dataset['part'];
  const found = isField(element) ? card?.querySelector<HTMLElement>('textarea') : undefined;
  return (
    found ?? [...(card?.querySelectorAll<HTMLElement>('[data-part]') ?? [])].find((one) => one.dataset['part'] === part)
  );
}

function cardOf(element: HTMLElement): string | undefined {
  return element.closest<HTMLElement>('[data-card]')?.dataset['card'];
}

function isField(element: HTMLElement): element is HTMLTextAreaElement {
  return element instanceof HTMLTextAreaElement;
}
