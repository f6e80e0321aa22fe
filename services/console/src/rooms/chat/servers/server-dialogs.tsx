import type { ChatChannel } from '@parley/client';
import { useState, type ReactNode } from 'react';
import { Select, TextField } from '../../../ui/field.js';
import { useChat } from '../chat-context.js';
import { Dialog } from '../dialog.js';
import { inviteTo } from './invite-link.js';
import type { ServerView } from './server-view.js';

/** What is being asked of the person, beside the list of channels. */
export type Asking =
  | { readonly what: 'invite' | 'new-channel' | 'leave-server' | 'delete-server' }
  | { readonly what: 'rename' | 'delete'; readonly channel: ChatChannel };

export function InviteDialog({ serverId, onClose }: { serverId: string; onClose: () => void }): ReactNode {
  const link = inviteTo(serverId, location.href);
  return (
    <Dialog
      title="Invite"
      verb="Copy link"
      work={async () => {
        // Left out where the page is not secure; then it can be copied by hand.
        if ('clipboard' in navigator) await navigator.clipboard.writeText(link);
      }}
      onClose={onClose}
    >
      <TextField
        label="Link"
        value={link}
        readOnly
        hint="Whoever opens it, and is signed in, can join."
        onFocus={({ target }) => target.select()}
      />
      <TextField label="Server id" value={serverId} readOnly onFocus={({ target }) => target.select()} />
    </Dialog>
  );
}

interface ChannelDialogProps {
  readonly server: ServerView;
  readonly asking: Asking;
  readonly onClose: () => void;
}

/** Makes, renames or deletes a channel. */
export function ChannelDialog({ server, asking, onClose }: ChannelDialogProps): ReactNode {
  const { core } = useChat();
  const channel = 'channel' in asking ? asking.channel : undefined;
  const [name, setName] = useState(channel?.name ?? '');
  const [type, setType] = useState<ChatChannel['type']>('text');
  const { servers } = core.api;
  if (channel !== undefined && asking.what === 'delete') {
    const work = async (): Promise<void> => {
      await servers.deleteChannel(server.serverId, channel.id);
      server.channels.update((channels) => channels.filter(({ id }) => id !== channel.id));
      await core.refresh();
    };
    return (
      <Dialog title={`Delete ${channel.name}?`} verb="Delete" danger work={work} onClose={onClose}>
        <p>Its messages are deleted with it.</p>
      </Dialog>
    );
  }
  const save = async (): Promise<void> => {
    if (channel === undefined) {
      const made = await servers.createChannel(server.serverId, { name: name.trim(), type });
      server.channels.update((channels) => [...channels, made]);
      if (made.type === 'text') core.openChannel(made.id);
      else await core.loadVoice(server);
    } else {
      const renamed = await servers.renameChannel(server.serverId, channel.id, name.trim());
      server.channels.update((channels) => channels.map((one) => (one.id === renamed.id ? renamed : one)));
    }
  };
  return (
    <Dialog
      title={channel === undefined ? 'New channel' : `Rename ${channel.name}`}
      verb={channel === undefined ? 'Create' : 'Rename'}
      disabled={name.trim() === ''}
      work={save}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={name}
        maxLength={100}
        autoFocus
        autoComplete="off"
        onChange={({ target }) => setName(target.value)}
      />
      {channel === undefined && (
        <Select
          label="Kind"
          value={type}
          onChange={({ target }) => setType(target.value === 'voice' ? 'voice' : 'text')}
        >
          <option value="text">Text</option>
          <option value="voice">Voice</option>
        </Select>
      )}
    </Dialog>
  );
}

interface ServerDialogProps {
  readonly serverId: string;
  readonly name: string;
  readonly what: 'leave-server' | 'delete-server';
  readonly onClose: () => void;
}

export function ServerDialog({ serverId, name, what, onClose }: ServerDialogProps): ReactNode {
  const { core } = useChat();
  const isLeave = what === 'leave-server';
  return (
    <Dialog
      title={isLeave ? `Leave ${name}?` : `Delete ${name}?`}
      verb={isLeave ? 'Leave' : 'Delete'}
      danger
      work={() => (isLeave ? core.leaveServer(serverId) : core.deleteServer(serverId))}
      onClose={onClose}
    >
      <p>{isLeave ? 'You can join again with its link.' : 'Its channels and messages are deleted with it.'}</p>
    </Dialog>
  );
}
