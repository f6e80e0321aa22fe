import type { PartyRest, PartyWithMembers } from '@parley/client';
import { useEffect, useState, type ReactNode, type SyntheticEvent } from 'react';
import type { ConsoleSession } from '../../session/console-session.js';
import { go } from '../../shell/route.js';
import { Button } from '../../ui/button.js';
import { TextField } from '../../ui/field.js';
import { Panel, RoomPage } from '../../ui/room-page.js';
import { Empty, ErrorNote, Loading } from '../../ui/states.js';
import { MAX_NAME } from './host-form.js';
import { isGone } from './party-words.js';

interface Props {
  readonly id: string;
  readonly session: ConsoleSession;
  readonly rest: PartyRest;
  readonly onEnter: (id: string, name: string) => void;
}

interface Found {
  readonly party: PartyWithMembers | undefined;
  readonly error: unknown;
}

/** Where a link leads whoever is not in the party yet: who is in it, and by what name to join. */
export function PartyDoor({ id, session, rest, onEnter }: Props): ReactNode {
  const [{ party, error }, setFound] = useState<Found>({ party: undefined, error: undefined });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    rest.party(id, { signal: stop.signal }).then(
      (there) => setFound({ party: there, error: undefined }),
      (reason: unknown) => {
        if (!stop.signal.aborted) setFound({ party: undefined, error: reason });
      },
    );
    return () => stop.abort();
  }, [id, rest, round]);
  const all = <Button onClick={() => go('party')}>All parties</Button>;
  if (isGone(error)) {
    return (
      <RoomPage title="Party">
        <Empty title="There is no such party" icon="party" action={all}>
          It may be over, or the link may not be complete.
        </Empty>
      </RoomPage>
    );
  }
  return (
    <RoomPage title={party === undefined ? 'Party' : `Party: ${party.name}`} actions={all}>
      {error !== undefined && (
        <ErrorNote title="The party could not be looked up." error={error} onRetry={() => setRound(round + 1)} />
      )}
      {party === undefined && error === undefined && <Loading label="Looking for the party" />}
      {party !== undefined && (
        <Panel title={`${String(party.member_count)} of ${String(party.max_members)} places taken`}>
          {party.members.length > 0 && (
            <p className="party-inside anyhow">Inside: {party.members.map(({ name }) => name).join(', ')}</p>
          )}
          <JoinForm name={session.user.username} onJoin={(name) => onEnter(id, name)} />
        </Panel>
      )}
    </RoomPage>
  );
}

function JoinForm({
  name: given,
  onJoin,
}: {
  readonly name: string;
  readonly onJoin: (name: string) => void;
}): ReactNode {
  const [name, setName] = useState(given);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    onJoin(name.trim());
  };
  return (
    <form className="party-form" onSubmit={submit}>
      <TextField
        label="Your name in the party"
        value={name}
        maxLength={MAX_NAME}
        pattern=".*\S.*"
        onChange={({ target }) => setName(target.value)}
        autoComplete="off"
        required
      />
      <Button type="submit" variant="primary">
        Join
      </Button>
    </form>
  );
}
