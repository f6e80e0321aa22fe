import { PartyClient } from '@parley/client';
import { useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import type { ConsoleSession } from '../../session/console-session.js';
import { announce } from '../../ui/announcer.js';
import { Button } from '../../ui/button.js';
import { CopyLink } from '../../ui/copy-link.js';
import { Icon } from '../../ui/icon.js';
import { Panel, RoomPage } from '../../ui/room-page.js';
import { Time } from '../../ui/small.js';
import { Empty, ErrorNote, Loading } from '../../ui/states.js';
import { useAction } from '../../ui/use-action.js';
import { useClientStatus } from '../../ui/use-client-status.js';
import { CloseParty } from './close-party.js';
import { MembersTable } from './members-table.js';
import type { PartyPlaces, Seat } from './party-places.js';
import { PartyView, type Happening } from './party-view.js';
import { endingOf, waitingText, type Ending } from './party-words.js';

interface Props {
  readonly seat: Seat;
  readonly session: ConsoleSession;
  readonly places: PartyPlaces;
  readonly onLeft: () => void;
}

/** How often everybody's newest latency is asked for. */
const REFRESH_MS = 5_000;

/** A party from the inside. */
export function InParty({ seat, session, places, onLeft }: Props): ReactNode {
  const { client, view, hostToken } = useMemo(() => makeParty(seat, session, places), [seat, session, places]);
  const status = useClientStatus(client);
  const state = useSyncExternalStore(view.state.subscribe, view.state.get);
  useEffect(() => {
    const stop = view.start();
    // Why it fails is told by the status.
    client.connect().catch(() => undefined);
    return () => {
      client.disconnect();
      stop();
    };
  }, [client, view]);
  useFreshLatency(client, status.state === 'ready');
  const leave = useAction(async () => {
    await client.leave();
    onLeft();
  });
  const isHost = hostToken !== undefined;
  if (status.state === 'ended') {
    const ending = endingOf(status.error, state.reason);
    const again = (): void => void client.connect().catch(() => undefined);
    return <Ended name={state.name} ending={ending} places={places} onAgain={again} onLeft={onLeft} />;
  }
  const waiting = waitingText(status, state.memberId !== undefined, isHost);
  return (
    <RoomPage
      title={titleOf(state.name)}
      status={status}
      actions={
        <>
          <CopyLink />
          {isHost ? (
            <CloseParty disabled={status.state !== 'ready'} onClose={(reason) => client.close(reason)} />
          ) : (
            <Button icon="sign-out" busy={leave.busy} onClick={() => void leave.run()}>
              Leave
            </Button>
          )}
        </>
      }
    >
      {leave.error !== undefined && <ErrorNote error={leave.error} onDismiss={leave.forget} />}
      {waiting !== undefined && (
        <div className="note" data-testid="held">
          <Icon name="info" />
          <p>{waiting}</p>
        </div>
      )}
      {state.memberId === undefined ? (
        <Loading label="Joining the party" />
      ) : (
        <div className="party-body">
          <MembersTable
            members={state.members}
            memberId={state.memberId}
            isHost={isHost}
            isLive={status.state === 'ready'}
            latency={state.latency}
            onKick={(memberId, reason) => client.kick(memberId, reason)}
          />
          <Happenings list={state.happenings} />
        </div>
      )}
    </RoomPage>
  );
}

interface EndedProps {
  readonly name: string | undefined;
  readonly ending: Ending;
  readonly places: PartyPlaces;
  readonly onAgain: () => void;
  readonly onLeft: () => void;
}

function Ended({ name, ending: { title, text, again }, places, onAgain, onLeft }: EndedProps): ReactNode {
  useEffect(() => {
    announce(title);
    // A reload should not try what can't be.
    if (!again) places.stand();
  }, [title, again, places]);
  return (
    <RoomPage title={titleOf(name)}>
      <Empty
        title={title}
        icon="party"
        action={
          <span className="row">
            {again && (
              <Button variant="primary" onClick={onAgain}>
                Join again
              </Button>
            )}
            <Button onClick={onLeft}>All parties</Button>
          </span>
        }
      >
        {text}
      </Empty>
    </RoomPage>
  );
}

function titleOf(name: string | undefined): string {
  return name === undefined ? 'Party' : `Party: ${name}`;
}

function makeParty({ sessionId, name }: Seat, session: ConsoleSession, places: PartyPlaces) {
  const hostToken = places.hostToken(sessionId);
  const deviceInfo = { id: places.deviceId, name };
  const client = new PartyClient({ ...session.connection('/ws/party'), sessionId, deviceInfo, hostToken });
  return { client, hostToken, view: new PartyView(client) };
}

/** The list comes by itself when somebody's status changes; the times in it do not. */
function useFreshLatency(client: PartyClient, ready: boolean): void {
  useEffect(() => {
    if (!ready) return;
    const timer = setInterval(() => void client.refresh().catch(() => undefined), REFRESH_MS);
    return () => clearInterval(timer);
  }, [client, ready]);
}

function Happenings({ list }: { readonly list: readonly Happening[] }): ReactNode {
  return (
    <Panel title="What happened" className="party-log">
      <ol className="happenings" data-testid="happenings">
        {list.map(({ key, at, text }) => (
          <li key={key}>
            <span className="soft small">
              <Time at={at} />
            </span>
            <span className="anyhow">{text}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
