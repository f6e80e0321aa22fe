import { useState, type ReactNode } from 'react';
import { Button } from '../../ui/button.js';
import { Panel } from '../../ui/room-page.js';
import { Time } from '../../ui/small.js';
import { errorText } from '../../ui/states.js';
import { useStore } from '../use-store.js';
import { isTopic, topicProblem } from './payload.js';
import { SendForm } from './send-form.js';
import type { Sent } from './sent.js';
import { useTopics } from './topics-context.js';

/** Publishes, and says how many connections got it. */
export function PublishPanel({ suggestion }: { readonly suggestion: string | undefined }): ReactNode {
  const core = useTopics();
  const published = useStore(core.published.state);
  const [typed, setTyped] = useState<string>();
  const topic = typed ?? (suggestion !== undefined && isTopic(suggestion) ? suggestion : '');
  return (
    <Panel title="Broadcast">
      <SendForm
        label="Topic"
        placeholder="chat.general"
        verb="Publish"
        to={topic}
        onTo={setTyped}
        problem={topicProblem(topic, { wildcards: false })}
        onSend={(to, payload) => core.published.send(to, payload)}
      />
      {published.length > 0 && (
        <div className="topics-sent" aria-label="Receipts" role="log" aria-live="polite" tabIndex={0}>
          <ol>
            {[...published].reverse().map((sent) => (
              <Receipt key={sent.key} sent={sent} onRetry={() => core.published.retry(sent.key)} />
            ))}
          </ol>
        </div>
      )}
    </Panel>
  );
}

interface ReceiptProps {
  readonly sent: Sent<{ readonly recipients: number }>;
  readonly onRetry: () => void;
}

function Receipt({ sent, onRetry }: ReceiptProps): ReactNode {
  const { to, at, state, receipt, error } = sent;
  return (
    <li className="topics-receipt small" data-receipt={state}>
      <span className="soft">
        <Time at={at} />
      </span>
      <span className="mono ellipsis">{to}</span>
      {state === 'sending' && <span className="soft">sending…</span>}
      {receipt !== undefined && state === 'done' && (
        <strong>{receipt.recipients === 1 ? '1 connection' : `${String(receipt.recipients)} connections`}</strong>
      )}
      {state === 'failed' && (
        <span className="topics-failed">
          {errorText(error)}{' '}
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        </span>
      )}
    </li>
  );
}
