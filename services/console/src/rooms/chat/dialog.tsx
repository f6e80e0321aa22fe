import { useEffect, useId, useRef, type SubmitEvent, type ReactNode } from 'react';
import { Button } from '../../ui/button.js';
import { ErrorNote } from '../../ui/states.js';
import { useAction } from '../../ui/use-action.js';

interface DialogProps {
  readonly title: string;
  /** On the button that does it. */
  readonly verb: string;
  readonly danger?: boolean;
  /** Asked when the button is pressed; the dialog closes when it went well. */
  readonly work: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

/** A question of its own: the browser keeps the focus inside, and Escape closes it. */
export function Dialog({
  title,
  verb,
  danger = false,
  work,
  onClose,
  disabled = false,
  children,
}: DialogProps): ReactNode {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const { run, busy, error } = useAction(work);
  useEffect(() => {
    const dialog = element.current;
    if (dialog?.open === false) dialog.showModal();
  }, []);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void run().then((isDone) => {
      if (isDone) onClose();
    });
  };
  return (
    <dialog ref={element} className="chat-dialog" aria-labelledby={heading} onClose={onClose}>
      <form onSubmit={submit} className="stack">
        <h2 id={heading} className="anyhow">
          {title}
        </h2>
        {children}
        {error !== undefined && <ErrorNote error={error} />}
        <div className="row chat-dialog-buttons">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant={danger ? 'danger' : 'primary'} busy={busy} disabled={disabled}>
            {verb}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
