import type { ReactNode } from 'react';
import { TextArea } from '../../ui/field.js';
import type { PayloadKind } from './payload.js';

interface PayloadFieldProps {
  readonly kind: PayloadKind;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly error: string | undefined;
}

/** A payload as text, or as JSON. Ctrl and Enter sends the form. */
export function PayloadField({ kind, text, onText, error }: PayloadFieldProps): ReactNode {
  return (
    <TextArea
      label="Payload"
      rows={2}
      value={text}
      className={kind === 'json' ? 'mono' : undefined}
      placeholder={kind === 'json' ? '{"text": "hello"}' : 'hello'}
      spellCheck={kind === 'text'}
      error={error}
      onChange={({ target }) => onText(target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
      }}
    />
  );
}
