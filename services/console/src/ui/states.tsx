import { ParleyError, type ConnectionStatus } from '@parley/client';
import { useEffect, useState, type ReactNode } from 'react';
import { Button } from './button.js';
import { Icon, type IconName } from './icon.js';

interface EmptyProps {
  readonly title: string;
  readonly icon?: IconName;
  /** What to do about it. */
  readonly action?: ReactNode;
  readonly children?: ReactNode;
}

/** Nothing is there, and why, and what could be done. */
export function Empty({ title, icon = 'info', action, children }: EmptyProps): ReactNode {
  return (
    <div className="state">
      <span className="state-icon">
        <Icon name={icon} size={22} />
      </span>
      <p className="state-title">{title}</p>
      {children !== undefined && <p className="state-text">{children}</p>}
      {action}
    </div>
  );
}

/** Something is on its way. It is shown after a moment: what is there at once needs no announcement. */
export function Loading({ label = 'Loading' }: { readonly label?: string }): ReactNode {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="state" role="status">
      {shown && (
        <>
          <span className="spinner" aria-hidden="true" />
          <p className="state-text">{label}…</p>
        </>
      )}
    </div>
  );
}

interface ErrorNoteProps {
  readonly error: unknown;
  /** What could not be done. */
  readonly title?: string;
  readonly onRetry?: () => void;
  readonly onDismiss?: () => void;
}

/** Something went wrong: in words, with a way on. */
export function ErrorNote({ error, title, onRetry, onDismiss }: ErrorNoteProps): ReactNode {
  return (
    <div className="note note-error" role="alert">
      <Icon name="warning" />
      <p>
        {title !== undefined && <strong>{title} </strong>}
        {errorText(error)}
      </p>
      {onRetry !== undefined && (
        <Button size="small" onClick={onRetry}>
          Try again
        </Button>
      )}
      {onDismiss !== undefined && (
        <Button size="small" variant="quiet" onClick={onDismiss}>
          Dismiss
        </Button>
      )}
    </div>
  );
}

export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const said = text.charAt(0).toUpperCase() + text.slice(1);
  const code = error instanceof ParleyError ? error.details.wireCode : undefined;
  return code === undefined || said.includes(String(code)) ? said : `${said} (${String(code)})`;
}

/** Beside a room's title: where its connection stands. */
export function ConnectionBadge({ status }: { readonly status: ConnectionStatus }): ReactNode {
  const { tone, text } = wordsFor(status);
  return (
    <span className={`badge badge-${tone}`} role="status" data-state={status.state}>
      <span className="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

/** Across a room's top while there is no connection; nothing while there is. */
export function ConnectionNotice({ status, onRetry }: { status: ConnectionStatus; onRetry?: () => void }): ReactNode {
  if (status.state === 'ended')
    return <ErrorNote title="Refused." error={status.error} {...(onRetry && { onRetry })} />;
  // Between two waits an attempt is made: the note stays, or all below it would jump up and down.
  const isTrying = status.state === 'connecting' && status.attempt > 1;
  if (status.state !== 'waiting' && !isTrying) return null;
  return (
    <div className="note note-warning">
      <span className="spinner" aria-hidden="true" />
      <p>
        <strong>Reconnecting.</strong> {status.state === 'waiting' && `${errorText(status.error)}. `}What you do
        meanwhile is kept where the room allows it.
      </p>
    </div>
  );
}

function wordsFor(status: ConnectionStatus): { readonly tone: string; readonly text: string } {
  switch (status.state) {
    case 'ready':
      return { tone: 'good', text: 'Connected' };
    case 'connecting':
      return { tone: 'busy', text: status.attempt > 1 ? 'Reconnecting' : 'Connecting' };
    case 'waiting':
      return { tone: 'busy', text: 'Reconnecting' };
    case 'ended':
      return { tone: 'bad', text: 'Ended' };
    case 'idle':
      return { tone: 'idle', text: 'Not connected' };
  }
}
