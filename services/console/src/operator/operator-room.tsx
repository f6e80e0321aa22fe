import { useMemo, useState, type ReactNode } from 'react';
import type { RoomProps } from '../rooms/room.js';
import type { ConsoleSession } from '../session/console-session.js';
import { shortId } from '../session/people.js';
import { Poller, usePolled } from '../session/poller.js';
import { Button } from '../ui/button.js';
import { RoomPage } from '../ui/room-page.js';
import type { GatewayStats } from './bodies.js';
import { ConnectionsPanel } from './connections-panel.js';
import { GatewaysPanel } from './gateways-panel.js';
import { KeyForm } from './key-form.js';
import type { OperatorApi } from './operator-api.js';
import { RateHistory } from './rates.js';
import { UserPanel } from './user-panel.js';
import './operator.css';

const STATS_EVERY_MS = 2_000;

/** Until the page is loaded anew, or somebody else signs in. */
const opened = new WeakMap<ConsoleSession, OperatorApi>();

/** What operators see and do, with a key of the server API. */
export function OperatorRoom({ session }: RoomProps): ReactNode {
  const [api, setApi] = useState(() => opened.get(session));
  const open = (next: OperatorApi | undefined): void => {
    if (next === undefined) opened.delete(session);
    else opened.set(session, next);
    setApi(next);
  };
  return (
    <RoomPage
      title="Operator"
      intro="Who is connected where, what happened to them, and the means to end it. The whole cluster, whichever gateway is asked."
      actions={
        api !== undefined && (
          <Button size="small" icon="key" onClick={() => open(undefined)}>
            Forget the key
          </Button>
        )
      }
    >
      {api === undefined ? <KeyForm session={session} onOpen={open} /> : <Desk session={session} api={api} />}
    </RoomPage>
  );
}

function Desk({ session, api }: { readonly session: ConsoleSession; readonly api: OperatorApi }): ReactNode {
  const { poller, rates } = useMemo(() => {
    const history = new RateHistory();
    const ask = async () => {
      const stats = await api.stats();
      history.add(stats);
      const gateways = [...stats.gateways].sort((a, b) => a.started_at - b.started_at);
      return { ...stats, gateways };
    };
    return { poller: new Poller(ask, STATS_EVERY_MS), rates: history };
  }, [api]);
  const polled = usePolled(poller);
  const [userId, setUserId] = useState<string>();
  const gateways = polled.value?.gateways ?? [];
  const nameOf = (id: string): string => gatewayName(id, gateways);
  return (
    <>
      <GatewaysPanel polled={polled} rates={rates} nameOf={nameOf} />
      <div className={userId === undefined ? 'operator' : 'operator operator-two'}>
        <ConnectionsPanel session={session} api={api} gateways={gateways} nameOf={nameOf} onUser={setUserId} />
        {userId !== undefined && (
          <UserPanel
            key={userId}
            session={session}
            api={api}
            userId={userId}
            nameOf={nameOf}
            onClose={() => setUserId(undefined)}
          />
        )}
      </div>
    </>
  );
}

/** Those that run have a number, in order of their start; of others the id must do. */
function gatewayName(id: string, gateways: readonly GatewayStats[]): string {
  const index = gateways.findIndex((one) => one.gateway_id === id);
  return index < 0 ? `Gateway ${shortId(id)}` : `Gateway ${String(index + 1)}`;
}
