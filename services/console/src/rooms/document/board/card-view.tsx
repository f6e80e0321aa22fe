import type { Room } from '@parley/client';
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import { IconButton } from '../../../ui/button.js';
import { classNames } from '../../../ui/class-names.js';
import { inkOn, type Person } from '../people.js';
import type { BoardActions, Moved } from './board-actions.js';
import { directionOf } from './board-moves.js';
import type { Card } from './board.js';
import { TitleField } from './title-field.js';

interface Props {
  readonly room: Room;
  readonly card: Card;
  readonly actions: BoardActions;
  readonly readOnly: boolean;
  /** Who has the focus in it. */
  readonly others: readonly Person[];
  readonly isDragged: boolean;
  readonly onDragStart: (cardId: string, event: PointerEvent) => void;
  readonly onMoved: (moved: Moved | undefined) => void;
  readonly onRefused: (error: unknown) => void;
}

export function CardView(props: Props): ReactNode {
  const { room, card, actions, readOnly, others, isDragged, onDragStart, onMoved, onRefused } = props;
  const move = (event: KeyboardEvent): void => {
    const direction = directionOf(event.key);
    if (direction === undefined) return;
    event.preventDefault();
    onMoved(actions.moveByStep(card.id, direction));
  };
  const [first] = others;
  return (
    <li
      className={classNames('card', isDragged && 'card-dragged')}
      data-card={card.id}
      style={first === undefined ? undefined : { outlineColor: first.color }}
      data-busy={first === undefined ? undefined : ''}
    >
      {!readOnly && (
        <button
          type="button"
          className="card-handle"
          data-part="handle"
          aria-label={`Move ${card.title}`}
          aria-describedby="board-hint"
          onKeyDown={move}
          onPointerDown={(event) => onDragStart(card.id, event)}
        >
          <Grip />
        </button>
      )}
      <TitleField
        room={room}
        className="card-title"
        label="Title of the card"
        readOnly={readOnly}
        read={() => actions.cardTitle(card.id)}
        edit={(change) => actions.editCardTitle(card.id, change)}
        onRefused={onRefused}
      />
      {!readOnly && (
        <IconButton
          icon="close"
          size="small"
          data-part="delete"
          label={`Delete ${card.title}`}
          onClick={() => actions.removeCard(card.id)}
        />
      )}
      {others.length > 0 && (
        <span className="card-others">
          {others.map(({ userId, name, color }) => (
            <span key={userId} style={{ backgroundColor: color, color: inkOn(color) }}>
              {name}
            </span>
          ))}
        </span>
      )}
    </li>
  );
}

function Grip(): ReactNode {
  return (
    <svg width="10" height="16" viewBox="0 0 10 16" aria-hidden="true">
      {[2, 8, 14].flatMap((y) =>
        [2, 8].map((x) => <circle key={`${String(x)} ${String(y)}`} cx={x} cy={y} r="1.500" />),
      )}
    </svg>
  );
}
