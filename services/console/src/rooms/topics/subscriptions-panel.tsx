import { useState, type ReactNode } from 'react';
import { Button, IconButton } from '../../ui/button.js';
import { classNames } from '../../ui/class-names.js';
import { TextField } from '../../ui/field.js';
import { Panel } from '../../ui/room-page.js';
import { Badge } from '../../ui/small.js';
import { Empty, errorText } from '../../ui/states.js';
import { useStore } from '../use-store.js';
import { topicProblem } from './payload.js';
import type { Subscription } from './stream.js';
import { useTopics } from './topics-context.js';

const EXAMPLE = 'chat.*';

interface SubscriptionsPanelProps {
  readonly selected: string | undefined;
  readonly onSelect: (pattern: string | undefined) => void;
}

/** What one listens to. */
export function SubscriptionsPanel({ selected, onSelect }: SubscriptionsPanelProps): ReactNode {
  const core = useTopics();
  const subscriptions = useStore(core.subscriptions);
  return (
    <Panel title="Subscriptions">
      <SubscribeForm onSubscribed={onSelect} />
      {subscriptions.length === 0 ? (
        <Empty
          title="No subscriptions yet"
          icon="topics"
          action={
            <Button
              size="small"
              onClick={() => {
                void core.subscribe(EXAMPLE);
                onSelect(EXAMPLE);
              }}
            >
              Listen to {EXAMPLE}
            </Button>
          }
        >
          A topic such as <code>chat.general</code>, or <code>chat.*</code> for all that begin so.
        </Empty>
      ) : (
        <ul className="topics-list" aria-label="Subscriptions">
          {subscriptions.map((subscription) => (
            <Row
              key={subscription.pattern}
              subscription={subscription}
              isSelected={subscription.pattern === selected}
              onSelect={onSelect}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function SubscribeForm({ onSubscribed }: { readonly onSubscribed: (pattern: string) => void }): ReactNode {
  const core = useTopics();
  const [pattern, setPattern] = useState('');
  const [tried, setTried] = useState(false);
  const problem = topicProblem(pattern, { wildcards: true });
  return (
    <form
      className="topics-form"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (problem !== undefined) return;
        void core.subscribe(pattern);
        onSubscribed(pattern);
        setPattern('');
        setTried(false);
      }}
    >
      <div className="topics-line">
        <TextField
          label="Topic or pattern"
          value={pattern}
          placeholder="chat.*"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={tried ? problem : undefined}
          onChange={({ target }) => setPattern(target.value.trim())}
        />
        <Button type="submit" variant="primary" disabled={pattern === ''}>
          Subscribe
        </Button>
      </div>
    </form>
  );
}

interface RowProps {
  readonly subscription: Subscription;
  readonly isSelected: boolean;
  readonly onSelect: (pattern: string | undefined) => void;
}

function Row({ subscription, isSelected, onSelect }: RowProps): ReactNode {
  const core = useTopics();
  const { pattern, state, error, count } = subscription;
  return (
    <li className="topics-subscription" data-pattern={pattern} data-state={state}>
      <button
        type="button"
        className={classNames('topics-row', isSelected && 'topics-row-open')}
        aria-current={isSelected ? 'true' : undefined}
        onClick={() => onSelect(pattern)}
      >
        <span className="mono ellipsis">{pattern}</span>
        {state === 'asking' && <Badge tone="busy">asking</Badge>}
        {state === 'refused' && <Badge tone="bad">refused</Badge>}
        {state === 'active' && (
          <span className="topics-count">
            {count}
            <span className="visually-hidden"> messages</span>
          </span>
        )}
      </button>
      <IconButton
        size="small"
        icon="close"
        label={`Unsubscribe from ${pattern}`}
        onClick={() => {
          core.unsubscribe(pattern);
          if (isSelected) onSelect(undefined);
        }}
      />
      {state === 'refused' && (
        <p className="field-error topics-refused" role="alert">
          {errorText(error)}
        </p>
      )}
    </li>
  );
}
