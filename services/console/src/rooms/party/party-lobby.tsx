import type { Party, PartyRest } from '@parley/client';
import { useEffect, useState, type ReactNode, type SyntheticEvent } from 'react';
import type { ConsoleSession } from '../../session/console-session.js';
import { go } from '../../shell/route.js';
import { Button } from '../../ui/button.js';
import { TextField } from '../../ui/field.js';
import { Panel, RoomPage } from '../../ui/room-page.js';
import { Time } from '../../ui/small.js';
import { Empty, ErrorNote, Loading } from '../../ui/states.js';
import { HostForm } from './host-form.js';
import type { PartyPlaces, Seat } from './party-places.js';

interface Props {
  readonly session: ConsoleSession;
  readonly rest: PartyRest;
  readonly places: PartyPlaces;
  /** The party that this window has a place in. */
  readonly seat: Seat | undefined;
  readonly onEnter: (id: string, name: string) => void;
}

/** Where parties are hosted and found. */
export function PartyLobby({ session, rest, places, seat, onEnter }: Props): ReactNode {
  return (
    <RoomPage
      title="Party"
      intro="A host opens a party, others join it, and everybody sees who is there and how well they are connected."
    >
      {seat !== undefined && (
        <div className="note">
          <p>You have a place in a party. It is kept for some seconds.</p>
          <Button size="small" onClick={() => go('party', [seat.sessionId])}>
            Go back in
          </Button>
        </div>
      )}
      <div className="party-columns">
        <OpenParties rest={rest} />
        <div className="stack">
          <Panel title="Host a party">
            <HostForm username={session.user.username} rest={rest} places={places} onEnter={onEnter} />
          </Panel>
          <Panel title="Join by id">
            <JoinById />
          </Panel>
        </div>
      </div>
    </RoomPage>
  );
}

interface Listed {
  readonly parties: readonly Party[] | undefined;
  readonly more: boolean;
  readonly error: unknown;
}

/** Nobody tells of new ones; the list is asked for while somebody looks at it. */
const EVERY_MS = 4_000;

function OpenParties({ rest }: { readonly rest: PartyRest }): ReactNode {
  const [{ parties, more, error }, setListed] = useState<Listed>({ parties: undefined, more: false, error: undefined });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const look = async (): Promise<void> => {
      try {
        const { sessions, more: hasMore } = await rest.parties({ limit: 30 }, { signal: stop.signal });
        setListed({ parties: sessions, more: hasMore, error: undefined });
      } catch (reason) {
        if (!stop.signal.aborted) setListed((before) => ({ ...before, error: reason }));
      }
    };
    void look();
    const timer = setInterval(() => document.visibilityState === 'visible' && void look(), EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [rest, round]);
  return (
    <Panel title="Open parties">
      {error !== undefined && (
        <ErrorNote title="The list could not be loaded." error={error} onRetry={() => setRound(round + 1)} />
      )}
      {parties === undefined && error === undefined && <Loading label="Looking for parties" />}
      {parties?.length === 0 && (
        <Empty title="No party is open" icon="party">
          Host one, and open this page in a second window to join it.
        </Empty>
      )}
      <ul className="parties">
        {parties?.map((party) => (
          <PartyRow key={party.id} party={party} />
        ))}
      </ul>
      {more && <p className="party-more">These are the newest; older ones can be joined by their id.</p>}
    </Panel>
  );
}

function PartyRow({
  party: { id, name, member_count: taken, max_members: all, created_at: at },
}: {
  readonly party: Party;
}): ReactNode {
  return (
    <li className="parties-row" data-party={id}>
      <span className="parties-name anyhow">{name}</span>
      <span className="soft small">
        {taken} of {all} places, since <Time at={at} />
      </span>
      <Button size="small" onClick={() => go('party', [id])} aria-label={`Join ${name}`}>
        {taken < all ? 'Join' : 'Full'}
      </Button>
    </li>
  );
}

function JoinById(): ReactNode {
  const [id, setId] = useState('');
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    go('party', [id]);
  };
  return (
    <form className="party-form" onSubmit={submit}>
      <TextField
        label="Id of the party"
        value={id}
        onChange={({ target }) => setId(target.value.trim())}
        autoComplete="off"
        required
      />
      <Button type="submit">Find it</Button>
    </form>
  );
}
