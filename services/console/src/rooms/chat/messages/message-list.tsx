import type { ChatMessage } from '@parley/client';
import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { Button } from '../../../ui/button.js';
import { Empty, ErrorNote, Loading } from '../../../ui/states.js';
import { useStore } from '../../use-store.js';
import { useNames } from '../servers/use-people.js';
import type { ChannelMessages, ChannelState } from './channel-messages.js';
import { DraftItem } from './draft-item.js';
import { MessageItem } from './message-item.js';
import type { Replied } from './replied.js';

/** Messages of the same author that follow each other this closely stand together. */
const TOGETHER_MS = 5 * 60_000;
/** As good as at the end. */
const NEAR_PX = 60;

interface MessageListProps {
  readonly channel: ChannelMessages;
  readonly name: string;
}

/** The messages of a channel, newest last. It follows what comes while its reader is at the end. */
export function MessageList({ channel, name }: MessageListProps): ReactNode {
  const state = useStore(channel.state);
  const nameOf = useNames();
  const { log, drafts, loading, loaded, error } = state;
  const { ref, onScroll } = useFollowing(state);
  const byId = new Map(log.messages.map((message) => [message.id, message]));
  return (
    <div
      className="chat-scroll"
      ref={ref}
      onScroll={onScroll}
      tabIndex={0}
      role="group"
      aria-label={`Messages in ${name}`}
    >
      {!loaded && error === undefined && <Loading label="Loading messages" />}
      {error !== undefined && (
        <ErrorNote title="Messages could not be read." error={error} onRetry={() => void channel.loadNewest()} />
      )}
      {loaded && log.messages.length === 0 && drafts.length === 0 && (
        <Empty title="Nothing has been said here" icon="chat">
          Write the first message.
        </Empty>
      )}
      {log.older && (
        <div className="chat-older">
          <Button size="small" busy={loading || state.loadingOlder} onClick={() => void channel.loadOlder()}>
            Load older messages
          </Button>
        </div>
      )}
      <div
        role="log"
        aria-live="polite"
        aria-label={`Conversation in ${name}`}
        aria-busy={loading || state.loadingOlder}
      >
        <ol className="chat-log">
          {log.messages.map((message, index) => (
            <MessageItem
              key={message.id}
              channel={channel}
              message={message}
              author={nameOf(message.author_id)}
              isFollowUp={followsUp(log.messages[index - 1], message)}
              replied={repliedIn(byId, message, nameOf)}
            />
          ))}
          {drafts.map((draft) => (
            <DraftItem key={`draft-${String(draft.key)}`} channel={channel} draft={draft} />
          ))}
        </ol>
      </div>
      {log.newer && (
        <div className="chat-newer">
          <Button
            size="small"
            variant="primary"
            icon="arrow-down"
            busy={loading}
            onClick={() => void channel.loadNewest()}
          >
            Back to the newest
          </Button>
        </div>
      )}
    </div>
  );
}

function repliedIn(
  byId: ReadonlyMap<string, ChatMessage>,
  { reply_to: id }: ChatMessage,
  nameOf: (userId: string) => string,
): Replied | undefined {
  if (id === null) return undefined;
  const message = byId.get(id);
  if (message === undefined) return { author: undefined, text: 'a message that is not in view or was deleted' };
  return { author: nameOf(message.author_id), text: message.content };
}

function followsUp(before: ChatMessage | undefined, message: ChatMessage): boolean {
  if (before?.author_id !== message.author_id || message.reply_to !== null) return false;
  return Date.parse(message.created_at) - Date.parse(before.created_at) < TOGETHER_MS;
}

/** Stays at the end when it is there, and at the same message when older ones come above it. */
function useFollowing({ log, drafts }: ChannelState) {
  const ref = useRef<HTMLDivElement>(null);
  const place = useRef({ atEnd: true, height: 0, first: '' });
  const first = log.messages[0]?.id ?? '';
  const onScroll = (): void => {
    const element = ref.current;
    if (element === null) return;
    place.current.atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
  };
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const { atEnd, height, first: before } = place.current;
    if (atEnd) element.scrollTop = element.scrollHeight;
    else if (before !== '' && first < before) element.scrollTop += element.scrollHeight - height;
    place.current.height = element.scrollHeight;
    place.current.first = first;
  }, [log, drafts, first]);
  return { ref, onScroll };
}
