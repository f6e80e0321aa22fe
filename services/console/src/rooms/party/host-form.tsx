import type { PartyRest } from '@parley/client';
import { useState, type ReactNode, type SyntheticEvent } from 'react';
import { Button } from '../../ui/button.js';
import { TextField } from '../../ui/field.js';
import { ErrorNote } from '../../ui/states.js';
import { useAction } from '../../ui/use-action.js';
import type { PartyPlaces } from './party-places.js';

/** Of parties and of people in them. */
export const MAX_NAME = 100;
const DEFAULT_PLACES = '10';

interface Props {
  readonly username: string;
  readonly rest: PartyRest;
  readonly places: PartyPlaces;
  readonly onEnter: (id: string, name: string) => void;
}

/** Makes a party and goes in as its host. */
export function HostForm({ username, rest, places, onEnter }: Props): ReactNode {
  const [name, setName] = useState(`${username}’s party`);
  const [mine, setMine] = useState(username);
  const [count, setCount] = useState(DEFAULT_PLACES);
  const host = useAction(async () => {
    const made = await rest.create(name.trim(), { maxMembers: Number(count) });
    places.keepHostToken(made.id, made.host_token);
    onEnter(made.id, mine.trim());
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void host.run();
  };
  return (
    <form className="party-form" onSubmit={submit}>
      <TextField
        label="Name of the party"
        value={name}
        maxLength={MAX_NAME}
        pattern=".*\S.*"
        onChange={({ target }) => setName(target.value)}
        autoComplete="off"
        required
      />
      <TextField
        label="Places, yours included"
        type="number"
        min={1}
        max={100}
        value={count}
        onChange={({ target }) => setCount(target.value)}
        required
      />
      <TextField
        label="Your name in it"
        value={mine}
        maxLength={MAX_NAME}
        pattern=".*\S.*"
        onChange={({ target }) => setMine(target.value)}
        autoComplete="off"
        required
      />
      {host.error !== undefined && (
        <ErrorNote title="The party could not be made." error={host.error} onDismiss={host.forget} />
      )}
      <Button type="submit" variant="primary" icon="crown" busy={host.busy}>
        Host it
      </Button>
    </form>
  );
}
