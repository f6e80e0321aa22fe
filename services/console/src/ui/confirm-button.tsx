import { useId, useRef, type ReactNode } from 'react';
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
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const done = (): void => {
    dialog.current?.close();
    onConfirm();
  };
  return (
    <>
      <Button variant="danger" {...button} onClick={() => dialog.current?.showModal()} />
      <dialog ref={dialog} className="confirm" aria-labelledby={title}>
        <h2 id={title} className="anyhow">
          {question}
        </h2>
        <p className="soft anyhow">{consequence}</p>
        <div className="row confirm-actions">
          <Button onClick={() => dialog.current?.close()}>Cancel</Button>
          <Button variant="danger" onClick={done}>
            {confirm}
          </Button>
        </div>
      </dialog>
    </>
  );
}
