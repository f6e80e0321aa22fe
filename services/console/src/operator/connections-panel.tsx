import { useMemo, useState, type ReactNode } from 'react';
import type { ConsoleSession } from '../session/console-session.js';
import { usePersonName } from '../session/people.js';
import { Poller, usePolled } from '../session/poller.js';
import { Button } from '../ui/button.js';
import { ConfirmButton } from '../ui/confirm-button.js';
import { Panel } from '../ui/room-page.js';
import { Badge, Time } from '../ui/small.js';
import { Empty, ErrorNote, Loading } from '../ui/states.js';
import { useAction } from '../ui/use-action.js';
import type { Connection, GatewayStats } from './bodies.js';
import { ConnectionFilters, type Filters } from './connection-filters.js';
import { PAGE, type OperatorApi } from './operator-api.js';

const EVERY_MS = 3_000;
const ANY: Filters = { user: undefined, gatewayId: '', dialect: '' };

interface ConnectionsPanelProps {
  readonly session: ConsoleSession;
  readonly api: OperatorApi;
  readonly gateways: readonly GatewayStats[];
  readonly nameOf: (gatewayId: string) => string;
  readonly onUser: (userId: string) => void;
}

/** Who is connected where, over all gateways, a page at a time. */
export function ConnectionsPanel({ session, api, gateways, nameOf, onUser }: ConnectionsPanelProps): ReactNode {
  const [filters, setFilters] = useState(ANY);
  // The last connection of each page before this one.
  const [before, setBefore] = useState<readonly string[]>([]);
  const after = before.at(-1);
  const { user, gatewayId, dialect } = filters;
  const poller = useMemo(
    () => new Poller(() => api.connections({ userId: user?.id, gatewayId, dialect, after }), EVERY_MS),
    [api, user, gatewayId, dialect, after],
  );
  const { value, error } = usePolled(poller);
  const cut = useAction(async (connectionId: string) => {
    await api.disconnect(connectionId);
    await poller.now();
  });
  const filter = (next: Filters): void => {
    setBefore([]);
    setFilters(next);
  };
  const last = value?.connections.at(-1);
  const isLast = value === undefined || before.length * PAGE + value.connections.length >= value.total;
  return (
    <Panel title="Connections" actions={value !== undefined && <Badge>{value.total} in all</Badge>}>
      <ConnectionFilters session={session} filters={filters} gateways={gateways} nameOf={nameOf} onChange={filter} />
      {error !== undefined && <ErrorNote title="The list may be old." error={error} />}
      {cut.error !== undefined && <ErrorNote title="Not disconnected." error={cut.error} onDismiss={cut.forget} />}
      {value === undefined ? (
        error === undefined && <Loading label="Asking who is connected" />
      ) : value.connections.length === 0 ? (
        <Empty title="No connections" icon="link">
          Nobody fits this filter at the moment.
        </Empty>
      ) : (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Connections, oldest first">
          <table className="table operator-table">
            <thead>
              <tr>
                <th scope="col">User</th>
                <th scope="col">Dialect</th>
                <th scope="col">Gateway</th>
                <th scope="col">Since</th>
                <th scope="col">Address</th>
                <th scope="col">
                  <span className="visually-hidden">What to do</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {value.connections.map((one) => (
                <Row
                  key={one.connection_id}
                  session={session}
                  connection={one}
                  gateway={nameOf(one.gateway_id)}
                  busy={cut.busy}
                  onUser={onUser}
                  onCut={() => void cut.run(one.connection_id)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {(before.length > 0 || !isLast) && (
        <nav className="row operator-pages" aria-label="Pages of connections">
          <Button size="small" disabled={before.length === 0} onClick={() => setBefore(before.slice(0, -1))}>
            Back
          </Button>
          <span className="soft small">Page {before.length + 1}</span>
          <Button
            size="small"
            disabled={isLast}
            onClick={() => last !== undefined && setBefore([...before, last.connection_id])}
          >
            Next
          </Button>
        </nav>
      )}
    </Panel>
  );
}

interface RowProps {
  readonly session: ConsoleSession;
  readonly connection: Connection;
  readonly gateway: string;
  readonly busy: boolean;
  readonly onUser: (userId: string) => void;
  readonly onCut: () => void;
}

function Row({ session, connection, gateway, busy, onUser, onCut }: RowProps): ReactNode {
  const { connection_id: id, user_id: userId, dialect, address, connected_at: since } = connection;
  const name = usePersonName(session, userId);
  return (
    <tr data-connection={id} data-user={userId} data-dialect={dialect}>
      <td>
        <button type="button" className="operator-link" onClick={() => onUser(userId)}>
          {name}
        </button>
      </td>
      <td>
        <Badge tone="accent">{dialect}</Badge>
      </td>
      <td>{gateway}</td>
      <td>
        <Time at={since} />
      </td>
      <td>
        <code>{address}</code>
      </td>
      <td className="operator-acts">
        <ConfirmButton
          size="small"
          question={`Disconnect ${name}?`}
          consequence={`This ${dialect} connection is closed, and its client is told not to come back by itself. The user may connect again.`}
          confirm="Disconnect it"
          busy={busy}
          onConfirm={onCut}
        >
          Disconnect<span className="visually-hidden"> {name}</span>
        </ConfirmButton>
      </td>
    </tr>
  );
}
