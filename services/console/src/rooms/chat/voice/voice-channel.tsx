import type { ChatChannel, VoiceState } from '@parley/client';
import type { ReactNode } from 'react';
import { Button } from '../../../ui/button.js';
import { Icon } from '../../../ui/icon.js';
import { Avatar } from '../../../ui/small.js';
import { useStore } from '../../use-store.js';
import { useChat } from '../chat-context.js';
import { ChannelActions } from '../servers/channel-actions.js';
import type { Asking } from '../servers/server-dialogs.js';

interface VoiceChannelProps {
  readonly channel: ChatChannel;
  readonly onEdit: ((asking: Asking) => void) | undefined;
}

/** A voice channel, and who is in it. */
export function VoiceChannel({ channel, onEdit }: VoiceChannelProps): ReactNode {
  const { core, call } = useChat();
  const { phase, channelId } = useStore(call.state);
  const states = useStore(core.roster.state).get(channel.id) ?? [];
  const isOurs = channelId === channel.id && phase !== 'none';
  return (
    <li className="chat-voice" data-voice={channel.name}>
      <div className="chat-channel">
        <span className="chat-row chat-row-plain">
          <Icon name="speaker" size={16} />
          <span className="ellipsis">{channel.name}</span>
        </span>
        {isOurs ? (
          <span className="small soft">{phase === 'joining' ? 'joining…' : 'you are here'}</span>
        ) : (
          <Button
            size="small"
            icon="phone"
            aria-label={`Join ${channel.name}`}
            onClick={() => void call.join(channel.id, { listening: false })}
          >
            Join
          </Button>
        )}
        {onEdit !== undefined && <ChannelActions channel={channel} onEdit={onEdit} />}
      </div>
      {states.length > 0 && (
        <ul className="chat-voice-people" aria-label={`In ${channel.name}`}>
          {states.map((state) => (
            <li key={state.user_id}>
              <Avatar name={state.username} size={20} />
              <span className="ellipsis small">{state.username}</span>
              <VoiceMarks state={state} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function VoiceMarks({ state }: { readonly state: VoiceState }): ReactNode {
  return (
    <>
      {state.muted && (
        <span title="Muted" className="soft">
          <Icon name="mic-off" size={14} />
          <span className="visually-hidden">muted</span>
        </span>
      )}
      {state.deafened && (
        <span title="Deafened" className="small soft">
          deafened
        </span>
      )}
    </>
  );
}
