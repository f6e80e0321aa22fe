import { useEffect, useRef, useState, type PointerEvent as ReactPointerEvent } from 'react';

/** Where a card would go if it were let go now. */
export interface DropTarget {
  readonly columnId: string;
  /** The card that it would come before; undefined: the end of the column. */
  readonly beforeId: string | undefined;
}

export interface Drag {
  readonly cardId: string;
  readonly x: number;
  readonly y: number;
  readonly target: DropTarget | undefined;
}

export interface CardDrag {
  readonly drag: Drag | undefined;
  /** For the handle of a card. */
  readonly start: (cardId: string, event: ReactPointerEvent) => void;
}

/** A press that moves less is a click. */
const SLACK_PX = 4;

/** Dragging with a mouse, a pen or a finger. Escape gives it up. */
export function useCardDrag(
  board: { readonly current: HTMLElement | null },
  dropped: (cardId: string, target: DropTarget) => void,
): CardDrag {
  const [drag, setDrag] = useState<Drag>();
  const end = useRef<() => void>(undefined);
  useEffect(() => () => end.current?.(), []);
  const start = (cardId: string, event: ReactPointerEvent): void => {
    if (event.button !== 0 || end.current !== undefined) return;
    const from = { x: event.clientX, y: event.clientY };
    let now: Drag | undefined;
    const show = (next: Drag | undefined): void => {
      now = next;
      setDrag(next);
    };
    const stop = new AbortController();
    end.current = () => {
      stop.abort();
      end.current = undefined;
      show(undefined);
    };
    const { signal } = stop;
    const listen = globalThis.addEventListener.bind(globalThis);
    // On the window: the card may be moved by others, and its handle be another one, while it is dragged.
    listen(
      'pointermove',
      ({ clientX: x, clientY: y }) => {
        if (now === undefined && Math.hypot(x - from.x, y - from.y) < SLACK_PX) return;
        show({ cardId, x, y, target: board.current === null ? undefined : targetAt(board.current, x, y) });
      },
      { signal },
    );
    listen(
      'pointerup',
      () => {
        const target = now?.target;
        end.current?.();
        if (target !== undefined) dropped(cardId, target);
      },
      { signal },
    );
    listen('pointercancel', () => end.current?.(), { signal });
    listen('keydown', ({ key }) => key === 'Escape' && end.current?.(), { signal });
  };
  return { drag, start };
}

/** The column that is nearest, and in it the first card whose middle is below. */
function targetAt(board: HTMLElement, x: number, y: number): DropTarget | undefined {
  let nearest: { readonly column: HTMLElement; readonly away: number } | undefined;
  for (const column of board.querySelectorAll<HTMLElement>('[data-column]')) {
    const { left, right, top, bottom } = column.getBoundingClientRect();
    const away = Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
    if (nearest === undefined || away < nearest.away) nearest = { column, away };
  }
  const columnId = nearest?.column.dataset['column'];
  if (nearest === undefined || columnId === undefined) return undefined;
  const cards = [...nearest.column.querySelectorAll<HTMLElement>('[data-card]')];
  const before = cards.find((card) => {
    const { top, bottom } = card.getBoundingClientRect();
    return (top + bottom) / 2 > y;
  });
  return { columnId, beforeId: before?.dataset['card'] };
}
