import { useState, type ReactNode } from 'react';
import { Button, IconButton } from '../../ui/button.js';
import { Panel } from '../../ui/room-page.js';
import { Badge, Time } from '../../ui/small.js';
import { errorText } from '../../ui/states.js';
import { useStore } from '../use-store.js';
import { SendForm } from './send-form.js';
import type { Sent } from './sent.js';
import { Payload } from './message-row.js';
import { useTopics } from './topics-context.js';
import type { Delivery, Received } from './topics-core.js';

/** Messages to one user, on whatever gateways they are; and those from others. */
export function DirectPanel({ me }: { readonly me: string }): ReactNode {
  const core = useTopics();
  const received = useStore(core.direct);
  const sent = useStore(core.sentDirect.state);
  const [to, setTo] = useState('');
  const all = [
    ...received.map((one) => ({ at: one.message.metadata.sent_at, key: `in-${String(one.key)}`, received: one })),
    ...sent.map((one) => ({ at: one.at, key: `out-${String(one.key)}`, sent: one })),
  ].sort((one, other) => other.at - one.at);
  return (
    <Panel title="Direct messages">
      <SendForm
        label="To"
        placeholder="a username, or a user’s id"
        verb="Send"
        to={to}
        onTo={setTo}
        problem={to === '' ? 'Who shall get it?' : undefined}
        onSend={(user, payload) => core.sentDirect.send(user, payload)}
      />
      <p className="topics-hint small soft">
        Your own id: <code className="anyhow">{me}</code>
      </p>
      {all.length > 0 && (
        <div className="topics-sent" aria-label="Direct messages" role="log" aria-live="polite" tabIndex={0}>
          <ol>
            {all.map((one) =>
              'received' in one ? (
                <Incoming key={one.key} received={one.received} onAnswer={setTo} />
              ) : (
                <Outgoing key={one.key} sent={one.sent} onRetry={() => core.sentDirect.retry(one.sent.key)} />
              ),
            )}
          </ol>
        </div>
      )}
    </Panel>
  );
}

interface IncomingProps {
  readonly received: Received;
  readonly onAnswer: (userId: string) => void;
}

function Incoming({ received: { message }, onAnswer }: IncomingProps): ReactNode {
  const { from_user: from, payload, metadata } = message;
  return (
    <li className="topics-direct" data-direct="in">
      <p className="topics-message-head small soft">
        <Time at={metadata.sent_at} />
        <span>
          from <span className="mono anyhow">{from}</span>
        </span>
        <IconButton size="small" icon="undo" label={`Answer ${from}`} onClick={() => onAnswer(from)} />
      </p>
      <Payload payload={payload} />
    </li>
  );
}

function Outgoing({ sent, onRetry }: { readonly sent: Sent<Delivery>; readonly onRetry: () => void }): ReactNode {
  const { to, payload, at, state, receipt, error } = sent;
  return (
    <li className="topics-direct" data-direct="out" data-receipt={state}>
      <p className="topics-message-head small soft">
        <Time at={at} />
        <span>
          to <span className="mono anyhow">{to}</span>
        </span>
        {state === 'sending' && <span>sending…</span>}
        {state === 'done' && receipt !== undefined && <Outcome {...receipt} />}
      </p>
      <Payload payload={payload} />
      {state === 'failed' && (
        <p className="small topics-failed">
          {errorText(error)}{' '}
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        </p>
      )}
    </li>
  );
}

function Outcome({ queued, deliveredTo }: Delivery): ReactNode {
  if (queued) return <Badge tone="busy">waits until they come</Badge>;
  const count = deliveredTo.length;
  return (
    <span title={deliveredTo.join('\n')}>
      <Badge tone="good">
        {count === 1 ? 'delivered to 1 connection' : `delivered to ${String(count)} connections`}
      </Badge>
    </span>
  );
}
