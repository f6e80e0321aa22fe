import type { ChatChannel } from '@parley/client';
import { useEffect, useState, type ReactNode } from 'react';
import { Store } from '../../session/store.js';
import { go, useRoute } from '../../shell/route.js';
import { Button } from '../../ui/button.js';
import { Icon } from '../../ui/icon.js';
import { Panel, RoomPage } from '../../ui/room-page.js';
import { Empty } from '../../ui/states.js';
import { useClientStatus } from '../../ui/use-client-status.js';
import type { RoomProps } from '../room.js';
import { useStore } from '../use-store.js';
import { ChatProvider, useChat, useNewChat } from './chat-context.js';
import type { ChatCore, Place } from './chat-core.js';
import './chat.css';
import { Composer } from './messages/composer.js';
import { MessageList } from './messages/message-list.js';
import type { Remote } from './remote-value.js';
import { ChannelList } from './servers/channel-list.js';
import { MemberList } from './servers/member-list.js';
import { Invitation, ServerList } from './servers/server-list.js';
import { OwnStatus } from './statuses.js';
import { CallPanel } from './voice/call-panel.js';

/** On a narrow page one of them at a time. */
type Pane = 'channels' | 'messages' | 'members';
const PANES: readonly { readonly pane: Pane; readonly text: string }[] = [
  { pane: 'channels', text: 'Channels' },
  { pane: 'messages', text: 'Messages' },
  { pane: 'members', text: 'Members' },
];

/** Servers, channels, messages, presence and calls. */
export function ChatRoom({ session }: RoomProps): ReactNode {
  const chat = useNewChat(session);
  const { core } = chat;
  const status = useClientStatus(core.client);
  useAddress(core);
  return (
    <ChatProvider value={chat}>
      <RoomPage
        title="Chat"
        status={status}
        onRetry={() => void core.client.connect().catch(() => undefined)}
        actions={<OwnStatus />}
      >
        <Notice />
        <Panes />
        <Invitation />
      </RoomPage>
    </ChatProvider>
  );
}

function Panes(): ReactNode {
  const { core } = useChat();
  const { server, channel } = useStore(core.place);
  const [pane, setPane] = useState<Pane>('channels');
  return (
    <div className="chat-frame">
      <div className="chat-panes" role="group" aria-label="Part of the room">
        {PANES.map(({ pane: one, text }) => (
          <Button key={one} size="small" aria-pressed={one === pane} onClick={() => setPane(one)}>
            {text}
          </Button>
        ))}
      </div>
      <div className="chat" data-pane={pane}>
        <div className="chat-side">
          <ServerList />
          {server !== undefined && (
            <ChannelList key={server.serverId} server={server} onOpen={() => setPane('messages')} />
          )}
          <CallPanel />
        </div>
        <Conversation key={channel?.channelId ?? 'none'} />
        {server !== undefined && <MemberList key={server.serverId} server={server} />}
      </div>
    </div>
  );
}

function Conversation(): ReactNode {
  const { core } = useChat();
  const { server, channel } = useStore(core.place);
  const name = useChannelName({ server, channel });
  if (channel === undefined) {
    return (
      <Panel title="Messages" titleHidden className="chat-main">
        <Empty title={server === undefined ? 'No server is open' : 'No channel is open'} icon="hash">
          {server === undefined
            ? 'Choose one, make one, or join one with a link.'
            : 'Choose a text channel to read and write.'}
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel title={`# ${name}`} className="chat-main">
      <MessageList channel={channel} name={name} />
      <Composer channel={channel} name={name} />
    </Panel>
  );
}

const NO_CHANNELS = new Store<Remote<readonly ChatChannel[]>>({ state: 'loading' });

function useChannelName({ server, channel }: Place): string {
  const channels = useStore(server?.channels.state ?? NO_CHANNELS);
  const all = channels.state === 'ready' ? channels.value : [];
  return all.find(({ id }) => id === channel?.channelId)?.name ?? 'channel';
}

function Notice(): ReactNode {
  const { core } = useChat();
  const text = useStore(core.notice);
  if (text === undefined) return null;
  return (
    <div className="note note-warning" role="alert">
      <Icon name="info" />
      <p>{text}</p>
      <Button size="small" variant="quiet" onClick={() => core.notice.set(undefined)}>
        Dismiss
      </Button>
    </div>
  );
}

/** `#/chat/<server>/<channel>` is where one is, and `#/chat/join/<server>` an invitation. */
function useAddress(core: ChatCore): void {
  const { rest } = useRoute();
  const [first, second] = rest;
  useEffect(() => {
    if (first === 'join' && second !== undefined) core.join(second);
    else if (first !== undefined && first !== 'join') core.follow(first, second);
  }, [core, first, second]);
  const { server, channel } = useStore(core.place);
  useEffect(() => {
    if (server === undefined) return;
    const address = channel === undefined ? [server.serverId] : [server.serverId, channel.channelId];
    go('chat', address, { replace: true });
  }, [server, channel]);
}
