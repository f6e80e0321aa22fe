import type { ReactNode } from 'react';
import { Button } from '../../../ui/button.js';
import { errorText } from '../../../ui/states.js';
import type { ChannelMessages } from './channel-messages.js';
import type { Draft } from './outbox.js';

/** An own message that is on its way, or that did not get there. */
export function DraftItem({ channel, draft }: { readonly channel: ChannelMessages; readonly draft: Draft }): ReactNode {
  return (
    <li className="chat-message chat-draft" data-draft={draft.state}>
      <div className="chat-message-body">
        <p className="chat-text anyhow">{draft.content}</p>
        {draft.state === 'failed' ? (
          <div className="chat-failed" role="alert">
            <span>Not sent: {errorText(draft.error)}</span>
            <Button size="small" onClick={() => channel.retry(draft.key)}>
              Try again
            </Button>
            <Button size="small" variant="quiet" onClick={() => channel.discard(draft.key)}>
              Discard
            </Button>
          </div>
        ) : (
          <p className="small soft">
            {draft.state === 'sending' ? 'Sending…' : 'Waits for its turn, or for a connection.'}{' '}
            {draft.state === 'waiting' && (
              <Button size="small" variant="quiet" onClick={() => channel.discard(draft.key)}>
                Discard
              </Button>
            )}
          </p>
        )}
      </div>
    </li>
  );
}
