import type { ChatChannel } from '@parley/client';
import { useState, type ReactNode } from 'react';
import { Button } from '../../../ui/button.js';
import { classNames } from '../../../ui/class-names.js';
import { Icon } from '../../../ui/icon.js';
import { Panel } from '../../../ui/room-page.js';
import { Empty, ErrorNote, Loading } from '../../../ui/states.js';
import { useStore } from '../../use-store.js';
import { useChat } from '../chat-context.js';
import { VoiceChannel } from '../voice/voice-channel.js';
import { ChannelActions } from './channel-actions.js';
import { ChannelDialog, InviteDialog, ServerDialog, type Asking } from './server-dialogs.js';
import type { ServerView } from './server-view.js';

/** The channels of the server that is open, and what its owner may do. */
export function ChannelList({ server, onOpen }: { readonly server: ServerView; onOpen: () => void }): ReactNode {
  const { core } = useChat();
  const servers = useStore(core.servers.state);
  const [asking, setAsking] = useState<Asking>();
  const close = (): void => setAsking(undefined);
  const about = servers.state === 'ready' ? servers.value.find(({ id }) => id === server.serverId) : undefined;
  const isOwner = about?.owner_id === core.me;
  return (
    <Panel
      title={about?.name ?? 'Server'}
      className="chat-channels"
      actions={
        <Button size="small" icon="link" onClick={() => setAsking({ what: 'invite' })}>
          Invite
        </Button>
      }
    >
      <Channels server={server} onOpen={onOpen} onEdit={isOwner ? setAsking : undefined} />
      <ServerActions isOwner={isOwner} onAsk={setAsking} />
      {asking?.what === 'invite' && <InviteDialog serverId={server.serverId} onClose={close} />}
      {(asking?.what === 'new-channel' || asking?.what === 'rename' || asking?.what === 'delete') && (
        <ChannelDialog server={server} asking={asking} onClose={close} />
      )}
      {(asking?.what === 'leave-server' || asking?.what === 'delete-server') && (
        <ServerDialog serverId={server.serverId} name={about?.name ?? ''} what={asking.what} onClose={close} />
      )}
    </Panel>
  );
}

interface ChannelsProps {
  readonly server: ServerView;
  readonly onOpen: () => void;
  readonly onEdit: ((asking: Asking) => void) | undefined;
}

function Channels({ server, onOpen, onEdit }: ChannelsProps): ReactNode {
  const channels = useStore(server.channels.state);
  return (
    <>
      {channels.state === 'loading' && <Loading label="Loading channels" />}
      {channels.state === 'failed' && (
        <ErrorNote title="No channels." error={channels.error} onRetry={() => void server.reload()} />
      )}
      {channels.state === 'ready' && channels.error !== undefined && (
        <p className="chat-stale small soft">As of a moment ago: it could not be read again.</p>
      )}
      {channels.state === 'ready' && channels.value.length === 0 && (
        <Empty title="No channels yet" icon="hash">
          {onEdit !== undefined
            ? 'Make a text channel to write in, or a voice channel to talk in.'
            : 'The owner has made none.'}
        </Empty>
      )}
      {channels.state === 'ready' && (
        <ul className="chat-list" aria-label="Channels">
          {channels.value.map((channel) =>
            channel.type === 'text' ? (
              <TextChannel key={channel.id} channel={channel} onOpen={onOpen} onEdit={onEdit} />
            ) : (
              <VoiceChannel key={channel.id} channel={channel} onEdit={onEdit} />
            ),
          )}
        </ul>
      )}
    </>
  );
}

interface ServerActionsProps {
  readonly isOwner: boolean;
  readonly onAsk: (asking: Asking) => void;
}

function ServerActions({ isOwner, onAsk }: ServerActionsProps): ReactNode {
  return (
    <div className="chat-server-actions">
      {isOwner ? (
        <>
          <Button size="small" variant="quiet" icon="plus" onClick={() => onAsk({ what: 'new-channel' })}>
            Channel
          </Button>
          <Button size="small" variant="quiet" icon="trash" onClick={() => onAsk({ what: 'delete-server' })}>
            Delete server
          </Button>
        </>
      ) : (
        <Button size="small" variant="quiet" icon="sign-out" onClick={() => onAsk({ what: 'leave-server' })}>
          Leave server
        </Button>
      )}
    </div>
  );
}

interface TextChannelProps {
  readonly channel: ChatChannel;
  readonly onOpen: () => void;
  readonly onEdit: ((asking: Asking) => void) | undefined;
}

function TextChannel({ channel, onOpen, onEdit }: TextChannelProps): ReactNode {
  const { core } = useChat();
  const { channel: open } = useStore(core.place);
  const unread = useStore(core.unread).get(channel.id) ?? 0;
  const isOpen = open?.channelId === channel.id;
  return (
    <li className="chat-channel">
      <button
        type="button"
        className={classNames('chat-row', isOpen && 'chat-row-open')}
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => {
          core.openChannel(channel.id);
          onOpen();
        }}
      >
        <Icon name="hash" size={16} />
        <span className="ellipsis">{channel.name}</span>
        {unread > 0 && (
          <span className="chat-unread">
            {unread > 99 ? '99+' : unread}
            <span className="visually-hidden"> unread</span>
          </span>
        )}
      </button>
      {onEdit !== undefined && <ChannelActions channel={channel} onEdit={onEdit} />}
    </li>
  );
}
