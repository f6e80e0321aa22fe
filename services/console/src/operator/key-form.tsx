import { useState, type ReactNode, type SubmitEvent } from 'react';
import type { ConsoleSession } from '../session/console-session.js';
import { Button } from '../ui/button.js';
import { TextField } from '../ui/field.js';
import { Panel } from '../ui/room-page.js';
import { ErrorNote } from '../ui/states.js';
import { useAction } from '../ui/use-action.js';
import { OperatorApi } from './operator-api.js';

interface KeyFormProps {
  readonly session: ConsoleSession;
  readonly onOpen: (api: OperatorApi) => void;
}

/** Asks for a key, and tries it. It is kept in this page's memory and nowhere else. */
export function KeyForm({ session, onOpen }: KeyFormProps): ReactNode {
  const [key, setKey] = useState('');
  const open = useAction(async () => {
    const api = new OperatorApi(session, key.trim());
    await api.stats();
    onOpen(api);
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void open.run();
  };
  return (
    <Panel title="An operator’s key" className="operator-key">
      <form className="panel-body stack" onSubmit={submit} aria-label="Open the operator’s room">
        <TextField
          label="Server API key"
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          hint="One of PARLEY_API_KEYS; npm start prints it. Kept in this page’s memory only: a reload forgets it."
          value={key}
          onChange={({ target }) => setKey(target.value)}
        />
        {open.error !== undefined && <ErrorNote error={open.error} />}
        <div className="row">
          <Button type="submit" variant="primary" icon="key" busy={open.busy}>
            Open
          </Button>
        </div>
      </form>
    </Panel>
  );
}
