import type { Room } from '@parley/client';
import { Fragment, type PointerEvent, type ReactNode } from 'react';
import { IconButton } from '../../../ui/button.js';
import type { Person } from '../people.js';
import { AddForm } from './add-form.js';
import type { BoardActions, Moved } from './board-actions.js';
import type { Column } from './board.js';
import { CardView } from './card-view.js';
import { TitleField } from './title-field.js';
import type { Drag } from './use-card-drag.js';

interface Props {
  readonly room: Room;
  readonly column: Column;
  readonly actions: BoardActions;
  readonly readOnly: boolean;
  readonly busy: ReadonlyMap<string, readonly Person[]>;
  readonly drag: Drag | undefined;
  readonly onDragStart: (cardId: string, event: PointerEvent) => void;
  readonly onMoved: (moved: Moved | undefined) => void;
  readonly onRefused: (error: unknown) => void;
}

export function ColumnView(props: Props): ReactNode {
  const { room, column, actions, readOnly, busy, drag, onDragStart, onMoved, onRefused } = props;
  const target = drag?.target?.columnId === column.id ? drag.target : undefined;
  return (
    <section className="column" data-column={column.id} aria-label={column.title}>
      <header className="column-head">
        <TitleField
          room={room}
          className="column-title"
          label="Title of the column"
          readOnly={readOnly}
          read={() => actions.columnTitle(column.id)}
          edit={(change) => actions.editColumnTitle(column.id, change)}
          onRefused={onRefused}
        />
        <span className="column-count">{column.cards.length}</span>
        {!readOnly && (
          <IconButton
            icon="trash"
            size="small"
            label={`Delete the column ${column.title} with its cards`}
            onClick={() => actions.removeColumn(column.id)}
          />
        )}
      </header>
      <ul className="cards">
        {column.cards.map((card) => (
          <Fragment key={card.id}>
            {target?.beforeId === card.id && <li className="drop-line" aria-hidden="true" />}
            <CardView
              room={room}
              card={card}
              actions={actions}
              readOnly={readOnly}
              others={busy.get(card.id) ?? []}
              isDragged={drag?.cardId === card.id}
              onDragStart={onDragStart}
              onMoved={onMoved}
              onRefused={onRefused}
            />
          </Fragment>
        ))}
        {target !== undefined && target.beforeId === undefined && <li className="drop-line" aria-hidden="true" />}
      </ul>
      {!readOnly && (
        <AddForm
          label={`New card in ${column.title}`}
          action="Add card"
          onAdd={(title) => actions.addCard(column.id, title)}
        />
      )}
    </section>
  );
}
