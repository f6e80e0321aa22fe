import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Button, IconButton } from '../../../ui/button.js';
import { useClientStatus } from '../../../ui/use-client-status.js';
import { useStore } from '../../use-store.js';
import { useChat } from '../chat-context.js';
import { useNames } from '../servers/use-people.js';
import type { ChannelMessages } from './channel-messages.js';

/** Characters; the server takes no more. */
export const MAX_LENGTH = 4_000;
const NEARLY = 3_600;

/** Where one writes. Enter sends, Shift and Enter is a new line. */
export function Composer({ channel, name }: { readonly channel: ChannelMessages; readonly name: string }): ReactNode {
  const { core } = useChat();
  const { text, replyTo } = useStore(channel.state);
  const nameOf = useNames();
  const isReady = useClientStatus(core.client).state === 'ready';
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (replyTo !== undefined) field.current?.focus();
  }, [replyTo]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && replyTo !== undefined) channel.answer(undefined);
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    channel.send();
  };
  const left = MAX_LENGTH - text.length;
  return (
    <form
      className="chat-composer"
      onSubmit={(event) => {
        event.preventDefault();
        channel.send();
      }}
    >
      {replyTo !== undefined && (
        <div className="chat-answering">
          <span className="ellipsis small">
            Answering <strong>{nameOf(replyTo.author_id)}</strong>: {replyTo.content}
          </span>
          <IconButton size="small" icon="close" label="Don’t answer" onClick={() => channel.answer(undefined)} />
        </div>
      )}
      <div className="chat-composer-row">
        <textarea
          ref={field}
          className="input"
          aria-label={`Message to ${name}`}
          placeholder={`Message to ${name}`}
          rows={Math.min(6, text.split('\n').length)}
          maxLength={MAX_LENGTH}
          value={text}
          onKeyDown={onKeyDown}
          onChange={({ target }) => channel.write(target.value)}
        />
        <Button type="submit" variant="primary" icon="send" disabled={text.trim() === ''}>
          Send
        </Button>
      </div>
      {!isReady && <p className="small soft">There is no connection now. What you send waits here until there is.</p>}
      {text.length > NEARLY && (
        <p className="small soft" role="status">
          {left} characters left
        </p>
      )}
    </form>
  );
}
