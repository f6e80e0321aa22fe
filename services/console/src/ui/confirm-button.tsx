import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { Button, type ButtonProps } from './button.js';
import './confirm-button.css';

interface ConfirmButtonProps extends Omit<ButtonProps, 'onClick'> {
  /** What is about to be done, as a question. */
  readonly question: string;
  /** What follows from it. */
  readonly consequence: ReactNode;
  /** On the button that does it. */
  readonly confirm: string;
  readonly onConfirm: () => void;
}

/** A button for what cannot be undone: it asks first. */
export function ConfirmButton({ question, consequence, confirm, onConfirm, ...button }: ConfirmButtonProps): ReactNode {
  const [asking, setAsking] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    if (asking) dialog.current?.showModal();
  }, [asking]);
  // Closed by itself, it returns the focus to the button; taken out of the page while it is open, it would not.
  const close = (): void => dialog.current?.close();
  const done = (): void => {
    close();
    onConfirm();
  };
  return (
    <>
      <Button variant="danger" {...button} onClick={() => setAsking(true)} />
      {asking && (
        <dialog ref={dialog} className="confirm" aria-labelledby={title} onClose={() => setAsking(false)}>
          <h2 id={title} className="anyhow">
            {question}
          </h2>
          <p className="soft anyhow">{consequence}</p>
          <div className="row confirm-actions">
            <Button onClick={close}>Cancel</Button>
            <Button variant="danger" onClick={done}>
              {confirm}
            </Button>
          </div>
        </dialog>
      )}
    </>
  );
}
