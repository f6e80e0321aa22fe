import type { ChatChannel } from '@parley/client';
import type { ReactNode } from 'react';
import { IconButton } from '../../../ui/button.js';
import type { Asking } from './server-dialogs.js';

interface ChannelActionsProps {
  readonly channel: ChatChannel;
  readonly onEdit: (asking: Asking) => void;
}

/** What the owner of a server may do with a channel. */
export function ChannelActions({ channel, onEdit }: ChannelActionsProps): ReactNode {
  return (
    <span className="chat-row-actions">
      <IconButton
        size="small"
        icon="edit"
        label={`Rename ${channel.name}`}
        onClick={() => onEdit({ what: 'rename', channel })}
      />
      <IconButton
        size="small"
        icon="trash"
        label={`Delete ${channel.name}`}
        onClick={() => onEdit({ what: 'delete', channel })}
      />
    </span>
  );
}
