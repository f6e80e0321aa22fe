import type { Room } from '@parley/client';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { EditorBinding } from '../text/editor-binding.js';
import { changeBetween, type TextOperation } from '../text/text-operation.js';

interface Props {
  readonly room: Room;
  readonly label: string;
  readonly className: string;
  readonly readOnly: boolean;
  /** Undefined: it is not there any more. */
  readonly read: () => string | undefined;
  readonly edit: (change: TextOperation) => void;
  readonly onRefused: (error: unknown) => void;
}

/** A title that several people can type in at once; it grows with its text. `read` and `edit` are those of the first render. */
export function TitleField({ room, label, className, readOnly, read, edit, onRefused }: Props): ReactNode {
  const field = useRef<HTMLTextAreaElement>(null);
  const [shown, setShown] = useState(read() ?? '');
  const given = useRef({ read, edit, onRefused });
  useEffect(() => {
    const element = field.current;
    return element === null ? undefined : bind(room, element, given.current, setShown);
  }, [room]);
  return (
    <span className={`grow ${className}`}>
      <span className="grow-text" aria-hidden="true">
        {shown}{' '}
      </span>
      <textarea
        ref={field}
        rows={1}
        aria-label={label}
        readOnly={readOnly}
        autoComplete="off"
        spellCheck={false}
        onKeyDown={leaveOnEnter}
      />
    </span>
  );
}

function bind(
  room: Room,
  field: HTMLTextAreaElement,
  { read, edit, onRefused }: Pick<Props, 'read' | 'edit' | 'onRefused'>,
  show: (text: string) => void,
): () => void {
  const binding = new EditorBinding(field, { read: () => read() ?? '', edit }, onRefused);
  const stop = new AbortController();
  const { signal } = stop;
  let last = read() ?? '';
  const showAll = (): void => show(field.value);
  field.addEventListener('input', () => binding.input(), { signal });
  field.addEventListener('compositionstart', () => binding.compositionStart(), { signal });
  field.addEventListener('compositionend', () => binding.compositionEnd(), { signal });
  for (const type of ['input', 'compositionend']) field.addEventListener(type, showAll, { signal });
  const off = room.on('document', () => {
    const now = read() ?? last;
    if (now === last) return;
    const operation = changeBetween(last, now, 0);
    last = now;
    binding.changed([{ operation, origin: 'remote' }]);
    showAll();
  });
  return () => {
    stop.abort();
    off();
  };
}

/** A title is one line, and done with the key that ends it. */
function leaveOnEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.blur();
}
