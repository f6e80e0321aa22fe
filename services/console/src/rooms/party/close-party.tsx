import { useId, useRef, useState, type ReactNode, type SyntheticEvent } from 'react';
import { Button } from '../../ui/button.js';
import { TextField } from '../../ui/field.js';
import { ErrorNote } from '../../ui/states.js';
import { useAction } from '../../ui/use-action.js';
import { MAX_REASON } from './members-table.js';

interface Props {
  readonly disabled: boolean;
  readonly onClose: (reason: string | undefined) => Promise<void>;
}

/** For the host: it ends for everybody, so it is asked twice, and why. */
export function CloseParty({ disabled, onClose }: Props): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const [reason, setReason] = useState('');
  const close = useAction(onClose);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (await close.run(reason.trim() === '' ? undefined : reason.trim())) dialog.current?.close();
  };
  return (
    <>
      <Button variant="danger" disabled={disabled} onClick={() => dialog.current?.showModal()}>
        Close the party
      </Button>
      <dialog ref={dialog} className="party-dialog" aria-labelledby={title}>
        <form className="stack" onSubmit={(event) => void submit(event)}>
          <h2 id={title}>Close the party for everybody?</h2>
          <TextField
            label="Reason (everybody is told)"
            value={reason}
            maxLength={MAX_REASON}
            onChange={({ target }) => setReason(target.value)}
            autoComplete="off"
          />
          {close.error !== undefined && <ErrorNote error={close.error} onDismiss={close.forget} />}
          <span className="row">
            <Button type="submit" variant="danger" busy={close.busy}>
              Close it
            </Button>
            <Button variant="quiet" onClick={() => dialog.current?.close()}>
              Cancel
            </Button>
          </span>
        </form>
      </dialog>
    </>
  );
}
