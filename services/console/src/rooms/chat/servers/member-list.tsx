import type { ChatMember } from '@parley/client';
import { useState, type ReactNode } from 'react';
import { IconButton } from '../../../ui/button.js';
import { Icon } from '../../../ui/icon.js';
import { Panel } from '../../../ui/room-page.js';
import { Avatar } from '../../../ui/small.js';
import { ErrorNote, Loading } from '../../../ui/states.js';
import { useStore } from '../../use-store.js';
import { useChat } from '../chat-context.js';
import { Dialog } from '../dialog.js';
import { PresenceDot } from '../statuses.js';
import type { ServerView } from './server-view.js';

interface Sending {
  readonly member: ChatMember;
  readonly how: 'kick' | 'ban';
}

/** Who is in the server, those who are there first; the owner can send them away. */
export function MemberList({ server }: { readonly server: ServerView }): ReactNode {
  const { core } = useChat();
  const members = useStore(server.members.state);
  const servers = useStore(core.servers.state);
  const [sending, setSending] = useState<Sending>();
  const about = servers.state === 'ready' ? servers.value.find(({ id }) => id === server.serverId) : undefined;
  const all = members.state === 'ready' ? [...members.value].sort(byPresence) : [];
  const here = all.filter(({ status }) => status !== undefined && status !== 'offline').length;
  return (
    <Panel
      title="Members"
      className="chat-members"
      actions={
        members.state === 'ready' && (
          <span className="small soft" data-testid="chat-counts">
            {here} of {all.length} online
          </span>
        )
      }
    >
      {members.state === 'loading' && <Loading label="Loading members" />}
      {members.state === 'failed' && (
        <ErrorNote title="No members." error={members.error} onRetry={() => void server.members.reload()} />
      )}
      <ul className="chat-list" aria-label="Members" tabIndex={0}>
        {all.map((member) => (
          <li key={member.user_id} className="chat-member" data-user={member.username}>
            <span className="chat-avatar">
              <Avatar name={member.username} size={28} />
              <PresenceDot status={member.status} />
            </span>
            <span className="ellipsis">{member.username}</span>
            {member.user_id === core.me && <span className="small soft">you</span>}
            {member.user_id === about?.owner_id && (
              <span className="chat-owner" title="Owner">
                <Icon name="crown" size={16} />
                <span className="visually-hidden">owner</span>
              </span>
            )}
            {about?.owner_id === core.me && member.user_id !== core.me && (
              <span className="chat-row-actions">
                <IconButton
                  size="small"
                  icon="sign-out"
                  label={`Kick ${member.username}`}
                  onClick={() => setSending({ member, how: 'kick' })}
                />
                <IconButton
                  size="small"
                  icon="cut"
                  label={`Ban ${member.username}`}
                  onClick={() => setSending({ member, how: 'ban' })}
                />
              </span>
            )}
          </li>
        ))}
      </ul>
      {sending !== undefined && <SendAway server={server} {...sending} onClose={() => setSending(undefined)} />}
    </Panel>
  );
}

function SendAway({ server, member, how, onClose }: Sending & { server: ServerView; onClose: () => void }): ReactNode {
  const { core } = useChat();
  const verb = how === 'kick' ? 'Kick' : 'Ban';
  const work = async (): Promise<void> => {
    await core.api.servers[how](server.serverId, member.user_id);
    server.members.update((members) => members.filter((one) => one.user_id !== member.user_id));
  };
  return (
    <Dialog title={`${verb} ${member.username}?`} verb={verb} danger work={work} onClose={onClose}>
      <p>{how === 'kick' ? 'They can join again with the link.' : 'They can’t join again.'}</p>
    </Dialog>
  );
}

function byPresence(one: ChatMember, other: ChatMember): number {
  const away = (member: ChatMember): number => Number(member.status === undefined || member.status === 'offline');
  return away(one) - away(other) || one.username.localeCompare(other.username);
}
