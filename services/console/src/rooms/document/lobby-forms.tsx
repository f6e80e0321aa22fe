import { useState, type ReactNode, type SyntheticEvent } from 'react';
import { Button } from '../../ui/button.js';
import { Select, TextField } from '../../ui/field.js';
import { ErrorNote } from '../../ui/states.js';
import { useAction } from '../../ui/use-action.js';
import { newBoard } from './board/board.js';
import { isTaken, type DocumentRest } from './document-rest.js';

interface Props {
  readonly rest: DocumentRest;
  readonly onOpen: (id: string) => void;
}

/** What a room's id may be. */
const ID = '[A-Za-z0-9_\\-]{1,64}';
const ID_HINT = 'Letters, digits, - and _.';

export function NewDocument({ rest, onOpen }: Props): ReactNode {
  const [kind, setKind] = useState<'text' | 'json'>('text');
  const [id, setId] = useState('');
  const [isPublic, setPublic] = useState(true);
  const create = useAction(async () => {
    const content = kind === 'text' ? '' : newBoard();
    const made = await rest.create({ ...(id === '' ? {} : { id }), type: kind, content, public: isPublic });
    onOpen(made.id);
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void create.run();
  };
  return (
    <form className="lobby-form" onSubmit={submit}>
      <Select label="Kind" value={kind} onChange={({ target }) => setKind(target.value === 'json' ? 'json' : 'text')}>
        <option value="text">Text</option>
        <option value="json">Board of cards (json)</option>
      </Select>
      <TextField
        label="Id"
        hint={`${ID_HINT} Left empty, the server makes one up.`}
        value={id}
        onChange={({ target }) => setId(target.value.trim())}
        pattern={ID}
        autoComplete="off"
        error={
          isTaken(create.error) ? 'There is a document of this id already: open it, or take another id.' : undefined
        }
      />
      <label className="check">
        <input type="checkbox" checked={isPublic} onChange={({ target }) => setPublic(target.checked)} />
        Anyone who knows the id may edit
      </label>
      {create.error !== undefined && !isTaken(create.error) && (
        <ErrorNote title="It could not be made." error={create.error} onDismiss={create.forget} />
      )}
      <Button type="submit" variant="primary" busy={create.busy}>
        Create
      </Button>
    </form>
  );
}

export function OpenById({ onOpen }: Pick<Props, 'onOpen'>): ReactNode {
  const [id, setId] = useState('');
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    onOpen(id);
  };
  return (
    <form className="lobby-form" onSubmit={submit}>
      <TextField
        label="Id of the document"
        value={id}
        onChange={({ target }) => setId(target.value.trim())}
        pattern={ID}
        autoComplete="off"
        required
      />
      <Button type="submit">Open</Button>
    </form>
  );
}
