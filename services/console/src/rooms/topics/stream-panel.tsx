import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '../../ui/button.js';
import { Icon } from '../../ui/icon.js';
import { Panel } from '../../ui/room-page.js';
import { Empty } from '../../ui/states.js';
import { useStore } from '../use-store.js';
import { HistoryView } from './history-view.js';
import { MessageRow } from './message-row.js';
import { isTopic } from './payload.js';
import { KEPT, type StreamEntry, type Subscription } from './stream.js';
import { useTopics } from './topics-context.js';

const NEAR_PX = 60;

/** What comes on a subscription, and the past of its topic. */
export function StreamPanel({ pattern }: { readonly pattern: string | undefined }): ReactNode {
  const core = useTopics();
  const subscription = useStore(core.subscriptions).find((one) => one.pattern === pattern);
  const [view, setView] = useState<'live' | 'history'>('live');
  if (subscription === undefined) {
    return (
      <Panel title="Messages" className="topics-stream">
        <Empty title="Nothing is selected" icon="topics">
          Subscribe to something, or select one of your subscriptions: what comes on it is shown here.
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel
      title={subscription.pattern}
      className="topics-stream topics-named"
      actions={
        <span className="topics-views" role="group" aria-label="What is shown">
          <Button size="small" aria-pressed={view === 'live'} onClick={() => setView('live')}>
            Live
          </Button>
          <Button
            size="small"
            aria-pressed={view === 'history'}
            onClick={() => {
              setView('history');
              if (isTopic(subscription.pattern)) void core.history.read(subscription.pattern);
            }}
          >
            History
          </Button>
        </span>
      }
    >
      {view === 'live' ? <Live subscription={subscription} /> : <HistoryView pattern={subscription.pattern} />}
    </Panel>
  );
}

function Live({ subscription }: { readonly subscription: Subscription }): ReactNode {
  const core = useTopics();
  const { entries, pattern, count } = subscription;
  const ref = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (atEnd.current && ref.current !== null) ref.current.scrollTop = ref.current.scrollHeight;
  }, [entries]);
  return (
    <>
      <div
        className="topics-scroll"
        ref={ref}
        tabIndex={0}
        role="log"
        aria-live="polite"
        aria-label={`Messages on ${pattern}`}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
        }}
      >
        {entries.length === 0 && (
          <Empty title="Nothing has come yet" icon="topics">
            What is published from now on is shown here.
          </Empty>
        )}
        <ol>
          {entries.map((entry) => (
            <Entry key={entry.key} entry={entry} pattern={pattern} />
          ))}
        </ol>
      </div>
      <div className="topics-foot small soft">
        <span>
          {count} came
          {count > KEPT && `, the newest ${String(KEPT)} are shown`}
        </span>
        <Button size="small" variant="quiet" disabled={entries.length === 0} onClick={() => core.clear(pattern)}>
          Clear
        </Button>
      </div>
    </>
  );
}

function Entry({ entry, pattern }: { readonly entry: StreamEntry; readonly pattern: string }): ReactNode {
  if (entry.kind === 'gap') {
    return (
      <li className="topics-gap">
        <Icon name="warning" size={16} />
        <span>
          Messages are missing here: after the reconnect the server did not have all of them any more.
          {isTopic(pattern) && ' What it still has is under History.'}
        </span>
      </li>
    );
  }
  const { topic, payload, metadata } = entry.message;
  return <MessageRow topic={topic === pattern ? undefined : topic} payload={payload} metadata={metadata} />;
}
