import type { ChatStatus } from '@parley/client';
import type { ReactNode } from 'react';
import { Select } from '../../ui/field.js';
import { StatusDot, type Tone } from '../../ui/small.js';
import { useAction } from '../../ui/use-action.js';
import { useClientStatus } from '../../ui/use-client-status.js';
import { useStore } from '../use-store.js';
import { useChat } from './chat-context.js';

const STATUSES: Readonly<Record<ChatStatus, { readonly tone: Tone; readonly label: string; readonly own: string }>> = {
  online: { tone: 'good', label: 'Online', own: 'Online' },
  idle: { tone: 'busy', label: 'Idle', own: 'Idle' },
  dnd: { tone: 'bad', label: 'Do not disturb', own: 'Do not disturb' },
  offline: { tone: 'idle', label: 'Offline', own: 'Invisible' },
};

export function PresenceDot({ status }: { readonly status: ChatStatus | undefined }): ReactNode {
  if (status === undefined) return <StatusDot tone="idle" label="Unknown" />;
  const { tone, label } = STATUSES[status];
  return <StatusDot tone={tone} label={label} />;
}

function isStatus(text: string): text is ChatStatus {
  return Object.hasOwn(STATUSES, text);
}

/** What others see of the person. */
export function OwnStatus(): ReactNode {
  const { core } = useChat();
  const status = useStore(core.status);
  const isReady = useClientStatus(core.client).state === 'ready';
  const { run, error } = useAction(
    (wanted: ChatStatus) =>
      new Promise<void>((resolve) => {
        core.setStatus(wanted);
        resolve();
      }),
  );
  return (
    <div className="chat-own-status">
      <PresenceDot status={status} />
      <Select
        label="Your status"
        labelHidden
        className="input-small"
        value={status}
        disabled={!isReady}
        error={error === undefined ? undefined : 'Not set: there is no connection.'}
        onChange={({ target }) => {
          if (isStatus(target.value)) void run(target.value);
        }}
      >
        {Object.entries(STATUSES).map(([value, { own }]) => (
          <option key={value} value={value}>
            {own}
          </option>
        ))}
      </Select>
    </div>
  );
}
