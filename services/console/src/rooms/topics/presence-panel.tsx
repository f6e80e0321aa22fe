import type { Presence, PresenceStatus } from '@parley/client';
import { useState, type ReactNode } from 'react';
import { Button } from '../../ui/button.js';
import { Select, TextField } from '../../ui/field.js';
import { Panel } from '../../ui/room-page.js';
import { StatusDot, Time, type Tone } from '../../ui/small.js';
import { ErrorNote } from '../../ui/states.js';
import { useAction } from '../../ui/use-action.js';
import { useStore } from '../use-store.js';
import { useTopics } from './topics-context.js';

const STATUSES: Readonly<Record<PresenceStatus, { readonly tone: Tone; readonly label: string }>> = {
  online: { tone: 'good', label: 'Online' },
  idle: { tone: 'busy', label: 'Idle' },
  dnd: { tone: 'bad', label: 'Do not disturb' },
  offline: { tone: 'idle', label: 'Offline' },
};

function isStatus(text: string): text is PresenceStatus {
  return Object.hasOwn(STATUSES, text);
}

/** Who is there, and what others see of oneself. */
export function PresencePanel({ me }: { readonly me: string }): ReactNode {
  const core = useTopics();
  const presences = useStore(core.presences);
  const isWatching = presences !== undefined;
  const watch = useAction(() => (isWatching ? core.ignorePresence() : core.watchPresence()));
  return (
    <Panel
      title="Presence"
      className="topics-late"
      actions={
        <Button size="small" aria-pressed={isWatching} busy={watch.busy} onClick={() => void watch.run()}>
          {isWatching ? 'Stop' : 'Watch'}
        </Button>
      }
    >
      <OwnPresence />
      {watch.error !== undefined && <ErrorNote title="No presence." error={watch.error} />}
      {isWatching && (
        <ul className="topics-presences" aria-label="Presence" aria-live="polite" tabIndex={0}>
          {[...presences.values()].map((presence) => (
            <Row key={presence.user_id} presence={presence} isMe={presence.user_id === me} />
          ))}
        </ul>
      )}
      {isWatching && presences.size === 0 && <p className="topics-hint small soft">Nobody has been seen yet.</p>}
      {!isWatching && (
        <p className="topics-hint small soft">
          Watching subscribes to <code>presence.*</code>: everybody’s.
        </p>
      )}
    </Panel>
  );
}

function Row({ presence, isMe }: { readonly presence: Presence; readonly isMe: boolean }): ReactNode {
  const { user_id: userId, status, last_seen: lastSeen, metadata } = presence;
  const { note } = metadata;
  return (
    <li className="topics-presence small" data-user={userId} data-status={status}>
      <StatusDot {...STATUSES[status]} />
      <span className="mono ellipsis" title={userId}>
        {userId.slice(-12)}
      </span>
      {isMe && <span className="soft">you</span>}
      {typeof note === 'string' && <span className="anyhow">{note}</span>}
      {status === 'offline' && (
        <span className="soft">
          <Time at={lastSeen} />
        </span>
      )}
    </li>
  );
}

function OwnPresence(): ReactNode {
  const core = useTopics();
  const [status, setStatus] = useState<PresenceStatus>('online');
  const [note, setNote] = useState('');
  const { run, busy, error } = useAction(() => core.setPresence(status, note.trim()));
  return (
    <form
      className="topics-form"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <Select
        label="Your status"
        value={status}
        onChange={({ target }) => {
          if (isStatus(target.value)) setStatus(target.value);
        }}
      >
        {Object.entries(STATUSES).map(([value, { label }]) => (
          <option key={value} value={value}>
            {value === 'offline' ? 'Invisible' : label}
          </option>
        ))}
      </Select>
      <TextField
        label="Note"
        value={note}
        maxLength={100}
        placeholder="optional; others see it"
        autoComplete="off"
        onChange={({ target }) => setNote(target.value)}
      />
      {error !== undefined && <ErrorNote title="Not set." error={error} />}
      <Button type="submit" busy={busy}>
        Set
      </Button>
    </form>
  );
}
