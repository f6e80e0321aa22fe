import type { CollaborativeClient, Room, Selection } from '@parley/client';
import { useDocument, usePresence } from '@parley/react';
import { useEffect, useMemo, useRef, type PointerEvent, type ReactNode } from 'react';
import { isRecord } from '../../../session/json.js';
import { announce } from '../../../ui/announcer.js';
import { peopleOf, type Person } from '../people.js';
import { AddForm } from './add-form.js';
import { BoardActions, type Moved } from './board-actions.js';
import { boardOf } from './board.js';
import { ColumnView } from './column-view.js';
import { NOWHERE, Pointers } from './pointers.js';
import { useCardDrag } from './use-card-drag.js';
import { useKeptFocus } from './use-kept-focus.js';

interface Props {
  readonly room: Room;
  readonly client: CollaborativeClient;
  readonly readOnly: boolean;
  readonly onRefused: (error: unknown) => void;
}

/** A `json` document as columns of cards. */
export function BoardEditor({ room, client, readOnly, onRefused }: Props): ReactNode {
  const { document } = useDocument(client, room.id);
  const { cursor, selection, participants } = usePresence(client, room.id);
  const actions = useMemo(() => new BoardActions(room, onRefused), [room, onRefused]);
  const element = useRef<HTMLDivElement>(null);
  const mine = useRef<string>(undefined);
  const tell = (): void => selection.update(mine.current === undefined ? [] : [{ card: mine.current }]);
  const focus = useKeptFocus(element, (cardId) => {
    mine.current = cardId;
    tell();
  });
  // Who comes later has heard nothing of which card is whose.
  useEffect(tell, [participants]);
  const told = (moved: Moved | undefined): void => {
    if (moved !== undefined) announce(movedText(moved));
  };
  const { drag, start } = useCardDrag(element, (cardId, { columnId, beforeId }) =>
    told(actions.drop(cardId, columnId, beforeId)),
  );
  const board = boardOf(document.content);
  if (board === undefined) return <NoBoard content={document.content} />;
  const busy = whoIsWhere(selection.all, peopleOf(participants));
  const point = (event: PointerEvent<HTMLElement>): void => cursor.update(partOf(event.currentTarget, event));
  return (
    <div className="board-scroll">
      {!readOnly && (
        <div className="board-head">
          <p className="board-hint" id="board-hint">
            Move a card by its handle: drag it, or use the arrow keys.
          </p>
          <AddForm label="New column" action="Add column" onAdd={(title) => actions.addColumn(title)} />
        </div>
      )}
      <div
        ref={element}
        className="board"
        data-dragging={drag === undefined ? undefined : ''}
        onPointerMove={point}
        onPointerLeave={() => cursor.update(NOWHERE)}
        {...focus}
      >
        {board.columns.map((column) => (
          <ColumnView
            key={column.id}
            room={room}
            column={column}
            actions={actions}
            readOnly={readOnly}
            busy={busy}
            drag={drag}
            onDragStart={start}
            onMoved={told}
            onRefused={onRefused}
          />
        ))}
        <Pointers client={client} roomId={room.id} />
      </div>
      {drag !== undefined && (
        <div className="card-ghost" style={{ left: drag.x, top: drag.y }} aria-hidden="true">
          {actions.cardTitle(drag.cardId)}
        </div>
      )}
    </div>
  );
}

/** Any client may write any JSON into such a document. */
function NoBoard({ content }: { readonly content: unknown }): ReactNode {
  return (
    <div className="no-board">
      <p>This json document is not a board of cards. Here it is as it stands:</p>
      <pre tabIndex={0}>{JSON.stringify(content, undefined, 2)}</pre>
    </div>
  );
}

/** From 0 to 1 in both directions. */
function partOf(board: HTMLElement, { clientX, clientY }: { readonly clientX: number; readonly clientY: number }) {
  const { left, top, width, height } = board.getBoundingClientRect();
  return { x: (clientX - left) / width, y: (clientY - top) / height };
}

/** By card: the others who have the focus in it. */
function whoIsWhere(
  selections: ReadonlyMap<string, Selection>,
  people: readonly Person[],
): ReadonlyMap<string, readonly Person[]> {
  const found = new Map<string, Person[]>();
  for (const person of people) {
    const [range] = selections.get(person.userId)?.ranges ?? [];
    const cardId = isRecord(range) ? range['card'] : undefined;
    if (typeof cardId === 'string') found.set(cardId, [...(found.get(cardId) ?? []), person]);
  }
  return found;
}

function movedText({ card, column, place, of }: Moved): string {
  return `${card.title} is in ${column} now, place ${String(place)} of ${String(of)}.`;
}
