import type { TopicMessage } from '@parley/client';
import type { ReactNode } from 'react';
import { Time } from '../../ui/small.js';
import { shownPayload } from './payload.js';

interface MessageRowProps {
  /** Where it is not plain from the surroundings. */
  readonly topic: string | undefined;
  readonly payload: unknown;
  readonly metadata: TopicMessage['metadata'];
}

/** One message of a topic. */
export function MessageRow({ topic, payload, metadata }: MessageRowProps): ReactNode {
  return (
    <li className="topics-message" data-sequence={metadata.sequence}>
      <p className="topics-message-head small soft">
        <Time at={metadata.sent_at} />
        {topic !== undefined && <span className="mono topics-topic">{topic}</span>}
        <span className="mono" title="The sequence: what a subscription is resumed from">
          #{metadata.sequence}
        </span>
      </p>
      <Payload payload={payload} />
    </li>
  );
}

export function Payload({ payload }: { readonly payload: unknown }): ReactNode {
  if (typeof payload === 'string') return <p className="topics-text anyhow">{payload}</p>;
  return (
    <pre className="topics-json anyhow" tabIndex={0}>
      {shownPayload(payload)}
    </pre>
  );
}
