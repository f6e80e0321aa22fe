import type { Participant, Room } from '@parley/client';
import { useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { inkOn, marksOf, type Mark } from '../people.js';
import { segmentsOf, type Segment } from './caret-segments.js';
import { TextController } from './text-controller.js';

interface Props {
  readonly room: Room;
  readonly readOnly: boolean;
  readonly participants: readonly Participant[];
  readonly onRefused: (error: unknown) => void;
}

/** A text area over a drawing of the same text, in which the carets and selections of the others stand. */
export function TextEditor({ room, readOnly, participants, onRefused }: Props): ReactNode {
  const field = useRef<HTMLTextAreaElement>(null);
  const controller = useMemo(() => new TextController(room, onRefused), [room, onRefused]);
  useEffect(() => (field.current === null ? undefined : controller.attach(field.current)), [controller]);
  const { text, carets } = useSyncExternalStore(controller.view.subscribe, controller.view.get);
  const segments = useMemo(() => segmentsOf(text, marksOf(carets, participants)), [text, carets, participants]);
  return (
    <div className="text-scroll">
      <div className="text-sheet">
        <div className="text-layer" aria-hidden="true">
          {segments.map((segment, index) => (
            <Piece key={index} segment={segment} />
          ))}
          {/* The last line is there also while nothing is on it. */}
          {'\n'}
        </div>
        <textarea
          ref={field}
          className="text-field"
          aria-label="The shared text"
          placeholder={readOnly ? 'Nothing is written here.' : 'Write here. Everybody in the room sees it as you type.'}
          readOnly={readOnly}
          spellCheck={false}
          autoComplete="off"
        />
      </div>
    </div>
  );
}

function Piece({ segment: { text, carets, selected } }: { readonly segment: Segment }): ReactNode {
  const [top] = selected;
  return (
    <>
      {carets.map((mark) => (
        <Caret key={mark.userId} mark={mark} />
      ))}
      {top === undefined ? (
        text
      ) : (
        <span className="text-selected" style={{ backgroundColor: `${top.color}59` }}>
          {text}
        </span>
      )}
    </>
  );
}

function Caret({ mark: { userId, name, color } }: { readonly mark: Mark }): ReactNode {
  return (
    <span className="text-caret" data-caret={userId} style={{ borderColor: color }}>
      <span className="text-caret-name" style={{ backgroundColor: color, color: inkOn(color) }}>
        {name}
      </span>
    </span>
  );
}
