import type { ReactNode } from 'react';
import type { Polled } from '../session/poller.js';
import { Badge, StatusDot, type Tone } from '../ui/small.js';
import { Empty, ErrorNote, Loading } from '../ui/states.js';
import type { Trail, TrailEntry } from './bodies.js';
import { trailWords } from './trail-words.js';

interface TrailListProps {
  readonly polled: Polled<Trail>;
  readonly nameOf: (gatewayId: string) => string;
}

/** What happened to a user's connections, newest first. */
export function TrailList({ polled: { value, error }, nameOf }: TrailListProps): ReactNode {
  if (value === undefined)
    return error === undefined ? <Loading label="Asking the gateways" /> : <ErrorNote error={error} />;
  return (
    <section aria-label="Trail, newest first">
      {error !== undefined && <ErrorNote title="The trail may be old." error={error} />}
      {value.unheard.length > 0 && (
        <p className="note note-warning">
          <span>{value.unheard.map(nameOf).join(', ')} did not answer: something may be missing.</span>
        </p>
      )}
      {value.entries.length === 0 ? (
        <Empty title="No trail" icon="search">
          The gateways remember the last day at most, and nothing of before they were started.
        </Empty>
      ) : (
        <ol className="operator-trail" tabIndex={0} aria-label="Newest first">
          {value.entries.map((entry) => (
            <Entry key={`${entry.connection_id} ${entry.what}`} entry={entry} nameOf={nameOf} />
          ))}
        </ol>
      )}
    </section>
  );
}

/** Many things happen within a minute. */
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

const TONES: Readonly<Record<string, Tone>> = { connected: 'idle', logged_in: 'good', refused: 'bad', closed: 'idle' };

function Entry({ entry, nameOf }: { readonly entry: TrailEntry; readonly nameOf: (id: string) => string }): ReactNode {
  const { what, reason, at, dialect, gateway_id: gatewayId } = entry;
  const byOperator = reason === 'revoked' || reason === 'disconnected';
  return (
    <li data-what={what} data-reason={reason} data-moved={entry.moved_from !== undefined}>
      <StatusDot tone={byOperator ? 'bad' : (TONES[what] ?? 'idle')} label={what.replace('_', ' ')} />
      <span className="operator-when">
        <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time>
      </span>
      <span className="operator-what anyhow">{trailWords(entry, nameOf)}</span>
      <span className="row operator-where">
        <Badge tone="accent">{dialect}</Badge>
        <span className="soft small">{nameOf(gatewayId)}</span>
      </span>
    </li>
  );
}
