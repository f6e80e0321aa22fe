import type { Participant, Room } from '@parley/client';
import { useState, type ReactNode, type SyntheticEvent } from 'react';
import type { ConsoleSession } from '../../session/console-session.js';
import { announce } from '../../ui/announcer.js';
import { Button, IconButton } from '../../ui/button.js';
import { Select, TextField } from '../../ui/field.js';
import { Panel } from '../../ui/room-page.js';
import { Badge } from '../../ui/small.js';
import { ErrorNote } from '../../ui/states.js';
import { useAction } from '../../ui/use-action.js';
import type { DocumentRest, Role } from './document-rest.js';
import { inkOn, peopleOf, type Person } from './people.js';

interface Props {
  readonly room: Room;
  readonly participants: readonly Participant[];
  readonly session: ConsoleSession;
  readonly rest: DocumentRest;
}

/** Who is at the document, each in the colour of their caret; its owner says who may do what. */
export function PeoplePanel({ room, participants, session, rest }: Props): ReactNode {
  const people = peopleOf(participants);
  const isOwner = room.role === 'owner';
  const setRole = useAction((userId: string, role: Role) => rest.setRole(room.id, userId, role));
  const remove = useAction((userId: string) => rest.removeMember(room.id, userId));
  const failed = setRole.error === undefined ? remove : setRole;
  return (
    <Panel title={`Here now (${String(people.length)})`} className="document-people">
      <ul className="people" aria-label="People in this document">
        {people.map((person) => (
          <li key={person.userId} className="person">
            <Who person={person} isMe={person.userId === session.user.id} />
            {isOwner && person.userId !== session.user.id ? (
              <span className="person-actions">
                <RoleChoice
                  person={person}
                  disabled={setRole.busy}
                  onChoose={(role) => void setRole.run(person.userId, role)}
                />
                <IconButton
                  icon="close"
                  size="small"
                  label={`Remove ${person.name}`}
                  disabled={remove.busy}
                  onClick={() => void remove.run(person.userId)}
                />
              </span>
            ) : (
              <Badge>{person.role}</Badge>
            )}
          </li>
        ))}
      </ul>
      {failed.error !== undefined && <ErrorNote error={failed.error} onDismiss={failed.forget} />}
      {isOwner && <AddPerson onAdd={(name) => rest.letIn(room.id, name)} />}
    </Panel>
  );
}

function Who({
  person: { name, color, windows },
  isMe,
}: {
  readonly person: Person;
  readonly isMe: boolean;
}): ReactNode {
  return (
    <span className="person-who">
      <span className="person-mark" style={{ backgroundColor: color, color: inkOn(color) }} aria-hidden="true">
        {Array.from(name)[0]?.toUpperCase()}
      </span>
      <span className="person-name">{name}</span>
      {isMe && <span className="soft small">you</span>}
      {windows > 1 && <span className="soft small">{windows} windows</span>}
    </span>
  );
}

const ROLES = ['owner', 'editor', 'viewer'] as const satisfies readonly Role[];

function RoleChoice(props: {
  readonly person: Person;
  readonly disabled: boolean;
  readonly onChoose: (role: Role) => void;
}): ReactNode {
  const { person, disabled, onChoose } = props;
  return (
    <Select
      label={`Role of ${person.name}`}
      labelHidden
      className="input-small"
      value={person.role}
      disabled={disabled}
      onChange={({ target }) => {
        const role = ROLES.find((one) => one === target.value);
        if (role !== undefined) onChoose(role);
      }}
    >
      {ROLES.map((role) => (
        <option key={role}>{role}</option>
      ))}
    </Select>
  );
}

function AddPerson({ onAdd }: { readonly onAdd: (name: string) => Promise<void> }): ReactNode {
  const [name, setName] = useState('');
  const add = useAction(onAdd);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (!(await add.run(name.trim()))) return;
    announce(`${name.trim()} may edit this document now.`);
    setName('');
  };
  return (
    <form className="add-person" onSubmit={(event) => void submit(event)}>
      <TextField
        label="Let somebody in"
        hint="By their username. Only needed where the document is not public."
        value={name}
        onChange={({ target }) => setName(target.value)}
        autoComplete="off"
        required
      />
      <Button type="submit" size="small" busy={add.busy}>
        Add as editor
      </Button>
      {add.error !== undefined && <ErrorNote error={add.error} onDismiss={add.forget} />}
    </form>
  );
}
