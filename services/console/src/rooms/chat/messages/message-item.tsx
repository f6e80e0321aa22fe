import type { ChatMessage } from '@parley/client';
import { memo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Button, IconButton } from '../../../ui/button.js';
import { classNames } from '../../../ui/class-names.js';
import { TextArea } from '../../../ui/field.js';
import { Avatar, Time } from '../../../ui/small.js';
import { errorText } from '../../../ui/states.js';
import { useAction } from '../../../ui/use-action.js';
import { useStore } from '../../use-store.js';
import { useChat } from '../chat-context.js';
import type { ChannelMessages } from './channel-messages.js';
import { MAX_LENGTH } from './composer.js';
import type { Replied } from './replied.js';

interface MessageItemProps {
  readonly channel: ChannelMessages;
  readonly message: ChatMessage;
  readonly author: string;
  readonly isFollowUp: boolean;
  readonly replied: Replied | undefined;
}

/** One message, with what may be done with it. */
export const MessageItem = memo(
  function MessageItem({ channel, message, author, isFollowUp, replied }: MessageItemProps): ReactNode {
    const [mode, setMode] = useState<'read' | 'edit' | 'delete'>('read');
    const read = (): void => setMode('read');
    return (
      <li className={classNames('chat-message', isFollowUp && 'chat-follow-up')} data-message={message.id}>
        {isFollowUp ? <span className="chat-gutter" /> : <Avatar name={author} size={34} />}
        <div className="chat-message-body">
          {replied !== undefined && (
            <p className="chat-replied small soft ellipsis">
              <span aria-hidden="true">↩ </span>
              <span className="visually-hidden">In answer to </span>
              {replied.author !== undefined && <strong>{replied.author} </strong>}
              {replied.text}
            </p>
          )}
          <p className={classNames('chat-message-head', isFollowUp && 'visually-hidden')}>
            <strong className="anyhow">{author}</strong>{' '}
            <span className="small soft">
              <Time at={message.created_at} />
            </span>
          </p>
          {mode === 'edit' ? (
            <EditForm channel={channel} message={message} onDone={read} />
          ) : (
            <p className="chat-text anyhow">
              {message.content}
              {message.updated_at !== null && <span className="chat-edited small soft"> (edited)</span>}
            </p>
          )}
          {mode === 'delete' && <DeleteQuestion channel={channel} message={message} onKeep={read} />}
        </div>
        {mode === 'read' && <MessageActions channel={channel} message={message} onMode={setMode} />}
      </li>
    );
  },
  (before, after) =>
    before.message === after.message &&
    before.channel === after.channel &&
    before.author === after.author &&
    before.isFollowUp === after.isFollowUp &&
    before.replied?.text === after.replied?.text &&
    before.replied?.author === after.replied?.author,
);

interface PartProps {
  readonly channel: ChannelMessages;
  readonly message: ChatMessage;
}

function MessageActions({
  channel,
  message,
  onMode,
}: PartProps & { onMode: (mode: 'edit' | 'delete') => void }): ReactNode {
  const { core } = useChat();
  const servers = useStore(core.servers.state);
  const { server } = useStore(core.place);
  const isOwn = message.author_id === core.me;
  const isOwner =
    servers.state === 'ready' &&
    servers.value.some(({ id, owner_id: owner }) => id === server?.serverId && owner === core.me);
  return (
    <div className="chat-message-actions" role="group" aria-label="Message actions">
      <IconButton size="small" icon="undo" label="Reply" onClick={() => channel.answer(message)} />
      {isOwn && <IconButton size="small" icon="edit" label="Edit" onClick={() => onMode('edit')} />}
      {(isOwn || isOwner) && <IconButton size="small" icon="trash" label="Delete" onClick={() => onMode('delete')} />}
    </div>
  );
}

function EditForm({ channel, message, onDone }: PartProps & { readonly onDone: () => void }): ReactNode {
  const [text, setText] = useState(message.content);
  const { run, busy, error } = useAction(async () => channel.edit(message.id, text));
  const save = (): void => {
    if (text.trim() === '' || text === message.content) onDone();
    else void run().then((isDone) => (isDone ? onDone() : undefined));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onDone();
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    save();
  };
  return (
    <div className="chat-edit">
      <TextArea
        label="Edit the message"
        labelHidden
        value={text}
        rows={2}
        maxLength={MAX_LENGTH}
        autoFocus
        error={error === undefined ? undefined : `Not saved: ${errorText(error)}`}
        onKeyDown={onKeyDown}
        onChange={({ target }) => setText(target.value)}
      />
      <div className="row">
        <Button size="small" variant="primary" busy={busy} onClick={save}>
          Save
        </Button>
        <Button size="small" variant="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </div>
  );
}

function DeleteQuestion({ channel, message, onKeep }: PartProps & { readonly onKeep: () => void }): ReactNode {
  const { run, busy, error } = useAction(async () => channel.delete(message.id));
  return (
    <div className="row chat-question" role="group" aria-label="Delete this message?">
      <span className="small">{error === undefined ? 'Delete this message?' : `Not deleted: ${errorText(error)}`}</span>
      <Button size="small" variant="danger" busy={busy} autoFocus onClick={() => void run()}>
        Delete
      </Button>
      <Button size="small" variant="quiet" onClick={onKeep}>
        Keep
      </Button>
    </div>
  );
}
