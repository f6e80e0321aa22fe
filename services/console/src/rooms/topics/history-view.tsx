import type { ReactNode } from 'react';
import { Button } from '../../ui/button.js';
import { Empty, ErrorNote, Loading } from '../../ui/states.js';
import { useStore } from '../use-store.js';
import { isTopic } from './payload.js';
import { MessageRow } from './message-row.js';
import { useTopics } from './topics-context.js';

/** The past of a topic, as far as the server keeps it. */
export function HistoryView({ pattern }: { readonly pattern: string }): ReactNode {
  const core = useTopics();
  const { messages, more, loading, error, topic } = useStore(core.history.state);
  if (!isTopic(pattern)) {
    return (
      <Empty title="A pattern has no history" icon="info">
        History is asked of one topic: subscribe to that one, without * and &gt;.
      </Empty>
    );
  }
  const isEmpty = messages.length === 0 && !loading && error === undefined && topic === pattern;
  return (
    <>
      <div className="topics-scroll" tabIndex={0} role="group" aria-label={`History of ${pattern}`}>
        {more && (
          <div className="topics-older">
            <Button size="small" busy={loading} onClick={() => void core.history.older()}>
              Load older messages
            </Button>
          </div>
        )}
        {loading && messages.length === 0 && <Loading label="Loading history" />}
        {error !== undefined && (
          <ErrorNote title="No history." error={error} onRetry={() => void core.history.read(pattern)} />
        )}
        {isEmpty && (
          <Empty title="Nothing is kept of this topic" icon="info">
            Nothing was published here lately.
          </Empty>
        )}
        <ol aria-busy={loading}>
          {messages.map(({ payload, metadata, binary }) => (
            <MessageRow
              key={metadata.sequence}
              topic={undefined}
              payload={binary === undefined ? payload : `binary: ${binary.type} ${binary.name ?? ''}`}
              metadata={metadata}
            />
          ))}
        </ol>
      </div>
      <div className="topics-foot small soft">
        <span>{messages.length} read, oldest first</span>
        <Button size="small" variant="quiet" disabled={loading} onClick={() => void core.history.read(pattern)}>
          Read again
        </Button>
      </div>
    </>
  );
}
