import type { CollaborativeClient } from '@parley/client';
import { usePresence } from '@parley/react';
import type { ReactNode } from 'react';
import { inkOn, peopleOf } from '../people.js';

interface Props {
  readonly client: CollaborativeClient;
  readonly roomId: string;
}

/** Where somebody's pointer is who has left the board. */
export const NOWHERE = { x: -1, y: -1 };

/** The pointers of the others, with their names: at the same part of the board, however wide it is here. */
export function Pointers({ client, roomId }: Props): ReactNode {
  const { cursor, participants } = usePresence(client, roomId);
  return (
    <div className="pointers" aria-hidden="true">
      {peopleOf(participants).map(({ userId, name, color }) => {
        const at = cursor.all.get(userId);
        if (at === undefined || !isOnBoard(at.x) || !isOnBoard(at.y)) return null;
        return (
          <span
            key={userId}
            className="pointer"
            data-pointer={userId}
            style={{ left: `${String(at.x * 100)}%`, top: `${String(at.y * 100)}%`, color }}
          >
            <svg width="14" height="18" viewBox="0 0 14 18">
              <path d="M1 1v13l3.600-3 2.400 5.500 2.400-1-2.400-5.500H12Z" fill="currentColor" stroke="#fff" />
            </svg>
            <span className="pointer-name" style={{ backgroundColor: color, color: inkOn(color) }}>
              {name}
            </span>
          </span>
        );
      })}
    </div>
  );
}

function isOnBoard(part: number): boolean {
  return part >= 0 && part <= 1;
}
