import { useId, useState, type ReactNode, type SyntheticEvent } from 'react';
import { IconButton } from '../../../ui/button.js';

interface Props {
  readonly label: string;
  readonly action: string;
  readonly onAdd: (title: string) => void;
}

/** One line that makes one after the other. */
export function AddForm({ label, action, onAdd }: Props): ReactNode {
  const id = useId();
  const [title, setTitle] = useState('');
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (title.trim() === '') return;
    onAdd(title.trim());
    setTitle('');
  };
  return (
    <form className="add-form" onSubmit={submit}>
      <label htmlFor={id} className="visually-hidden">
        {label}
      </label>
      <input
        id={id}
        className="input input-small"
        placeholder={action}
        value={title}
        onChange={({ target }) => setTitle(target.value)}
        autoComplete="off"
      />
      <IconButton icon="plus" size="small" type="submit" label={`${action}: ${label}`} disabled={title.trim() === ''} />
    </form>
  );
}
