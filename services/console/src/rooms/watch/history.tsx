import type { WatchSessionPage, WatchSessionRecord } from '@parley/client';
import type { ReactNode } from 'react';
import type { ConsoleSession } from '../../session/console-session.js';
import { usePersonName } from '../../session/people.js';
import type { Polled } from '../../session/poller.js';
import { Panel } from '../../ui/room-page.js';
import { Badge, Time } from '../../ui/small.js';
import { Empty, ErrorNote, Loading } from '../../ui/states.js';

interface HistoryProps {
  readonly session: ConsoleSession;
  readonly polled: Polled<WatchSessionPage>;
}

/** Who watched what, and how it ended: one's own sessions, and those of one's devices. */
export function History({ session, polled: { value, error } }: HistoryProps): ReactNode {
  return (
    <Panel title="Sessions" className="watch-history">
      {error !== undefined && <ErrorNote title="The list may be old." error={error} />}
      {value === undefined ? (
        error === undefined && <Loading label="Reading the sessions" />
      ) : value.sessions.length === 0 ? (
        <Empty title="Nobody has watched yet">Every session leaves a line here, for 90 days.</Empty>
      ) : (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Sessions, newest first">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Began</th>
                <th scope="col">Device</th>
                <th scope="col">Viewer</th>
                <th scope="col">Lasted</th>
                <th scope="col">End</th>
              </tr>
            </thead>
            <tbody>
              {value.sessions.map((record) => (
                <Row key={record.id} session={session} record={record} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

interface RowProps {
  readonly session: ConsoleSession;
  readonly record: WatchSessionRecord;
}

function Row({ session, record }: RowProps): ReactNode {
  const viewer = usePersonName(session, record.user_id);
  const { started_at: began, ended_at: ended, reason } = record;
  return (
    <tr data-reason={reason ?? record.state}>
      <td>
        <Time at={began} />
      </td>
      <td>
        <code>{record.device_id}</code>
      </td>
      <td>{viewer}</td>
      <td>{ended === null ? '–' : lasted(Date.parse(ended) - Date.parse(began))}</td>
      <td>{reason === null ? <Badge tone="good">{record.state}</Badge> : reason.replace('_', ' ')}</td>
    </tr>
  );
}

export function lasted(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${String(minutes)} min ${String(seconds % 60)} s`
    : `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
