import type { Role } from '@parley/client';
import type { ReactNode } from 'react';
import { Badge, type Tone } from '../../ui/small.js';
import { syncText, type SyncState } from './sync-state.js';

const tones: Record<SyncState['phase'], Tone> = {
  opening: 'busy',
  saved: 'good',
  saving: 'accent',
  offline: 'bad',
  resuming: 'busy',
  left: 'idle',
};

interface Props {
  readonly id: string;
  readonly state: SyncState;
  readonly role: Role | undefined;
}

/** Where the document stands to the server's: its version, what waits, what this user may. */
export function SyncLine({ id, state, role }: Props): ReactNode {
  return (
    <p className="sync-line">
      <code className="document-id ellipsis" title={id}>
        {id}
      </code>
      <Badge tone={tones[state.phase]}>
        <span data-testid="sync">{syncText(state)}</span>
      </Badge>
      <span>
        version <span data-testid="version">{state.version}</span>
      </span>
      <span>
        <span data-testid="pending">{state.pending}</span> pending
      </span>
      {role !== undefined && (
        <span>you are {role === 'owner' ? 'the owner' : `a${role === 'editor' ? 'n' : ''} ${role}`}</span>
      )}
    </p>
  );
}
