import { useState, type ReactNode } from 'react';
import { Button } from '../../../ui/button.js';
import { classNames } from '../../../ui/class-names.js';
import { TextField } from '../../../ui/field.js';
import { Panel } from '../../../ui/room-page.js';
import { Avatar } from '../../../ui/small.js';
import { Empty, ErrorNote, Loading } from '../../../ui/states.js';
import { useStore } from '../../use-store.js';
import { useChat } from '../chat-context.js';
import { Dialog } from '../dialog.js';
import { invitedTo } from './invite-link.js';

/** The servers that one is in, and the ways into others. */
export function ServerList(): ReactNode {
  const { core } = useChat();
  const servers = useStore(core.servers.state);
  const { server: open } = useStore(core.place);
  const [asking, setAsking] = useState<'create' | 'join'>();
  const close = (): void => setAsking(undefined);
  return (
    <Panel
      title="Servers"
      className="chat-servers"
      actions={
        <span className="chat-head-buttons">
          <Button size="small" onClick={() => setAsking('create')}>
            New
          </Button>
          <Button size="small" onClick={() => setAsking('join')}>
            Join
          </Button>
        </span>
      }
    >
      {servers.state === 'loading' && <Loading label="Loading servers" />}
      {servers.state === 'failed' && (
        <ErrorNote title="No servers." error={servers.error} onRetry={() => void core.servers.reload()} />
      )}
      {servers.state === 'ready' && servers.value.length === 0 && (
        <Empty title="You are in no server yet" icon="chat">
          Make one and send its link to somebody, or join one with a link.
        </Empty>
      )}
      {servers.state === 'ready' && (
        <ul className="chat-list" aria-label="Servers">
          {servers.value.map(({ id, name }) => (
            <li key={id}>
              <button
                type="button"
                className={classNames('chat-row', id === open?.serverId && 'chat-row-open')}
                aria-current={id === open?.serverId ? 'true' : undefined}
                onClick={() => core.openServer(id)}
              >
                <Avatar name={name} size={24} />
                <span className="ellipsis">{name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {asking === 'create' && <CreateServer onClose={close} />}
      {asking === 'join' && <JoinServer onClose={close} />}
    </Panel>
  );
}

function CreateServer({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { core } = useChat();
  const [name, setName] = useState('');
  return (
    <Dialog
      title="New server"
      verb="Create"
      disabled={name.trim() === ''}
      work={() => core.createServer(name.trim())}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={name}
        maxLength={100}
        autoFocus
        autoComplete="off"
        hint="It begins with a text channel called general."
        onChange={({ target }) => setName(target.value)}
      />
    </Dialog>
  );
}

function JoinServer({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { core } = useChat();
  const [text, setText] = useState('');
  const id = invitedTo(text);
  return (
    <Dialog
      title="Join a server"
      verb="Join"
      disabled={id === undefined}
      work={() => (id === undefined ? Promise.resolve() : core.joinServer(id))}
      onClose={onClose}
    >
      <TextField
        label="Link or id"
        value={text}
        autoFocus
        autoComplete="off"
        error={text.trim() !== '' && id === undefined ? 'There is no server’s id in this.' : undefined}
        hint="Whoever is in the server finds its link under Invite."
        onChange={({ target }) => setText(target.value)}
      />
    </Dialog>
  );
}

/** Somebody has followed a link. */
export function Invitation(): ReactNode {
  const { core } = useChat();
  const id = useStore(core.invite);
  if (id === undefined) return null;
  const close = (): void => core.invite.set(undefined);
  return (
    <Dialog title="You are invited" verb="Join" work={() => core.joinServer(id)} onClose={close}>
      <p>The link that you followed leads to a server that you are not in yet.</p>
      <p className="mono small soft anyhow">{id}</p>
    </Dialog>
  );
}
