import { useEffect, useState, type ReactNode } from 'react';
import { useRoute } from '../../shell/route.js';
import { Button } from '../../ui/button.js';
import { Icon } from '../../ui/icon.js';
import { RoomPage } from '../../ui/room-page.js';
import { useClientStatus } from '../../ui/use-client-status.js';
import type { RoomProps } from '../room.js';
import { useStore } from '../use-store.js';
import { DirectPanel } from './direct-panel.js';
import { topicProblem } from './payload.js';
import { PresencePanel } from './presence-panel.js';
import { PublishPanel } from './publish-panel.js';
import { StreamPanel } from './stream-panel.js';
import { SubscriptionsPanel } from './subscriptions-panel.js';
import { TopicsProvider, useTopics } from './topics-context.js';
import { TopicsCore } from './topics-core.js';
import './topics.css';

/** Publish and subscribe, direct messages, presence and history. `#/topics/<pattern>` subscribes at once. */
export function TopicsRoom({ session }: RoomProps): ReactNode {
  const [core] = useState(() => new TopicsCore(session.connection('/ws/topics')));
  const status = useClientStatus(core.client);
  const [pattern] = useRoute().rest;
  const [selected, setSelected] = useState<string>();
  useEffect(() => core.start(), [core]);
  useEffect(() => {
    if (pattern === undefined || topicProblem(pattern, { wildcards: true }) !== undefined) return;
    void core.subscribe(pattern);
    setSelected(pattern);
  }, [core, pattern]);
  return (
    <TopicsProvider value={core}>
      <RoomPage
        title="Topics"
        intro="Everybody who has subscribed to a topic, on any gateway, gets what is published there."
        status={status}
        onRetry={() => void core.client.connect().catch(() => undefined)}
      >
        <Notifications />
        <div className="topics-frame">
          <div className="topics">
            <div className="topics-side">
              <SubscriptionsPanel selected={selected} onSelect={setSelected} />
              <PresencePanel me={session.user.id} />
            </div>
            <StreamPanel key={selected ?? ''} pattern={selected} />
            <div className="topics-side">
              <PublishPanel suggestion={selected} />
              <DirectPanel me={session.user.id} />
            </div>
          </div>
        </div>
      </RoomPage>
    </TopicsProvider>
  );
}

/** What the operator of the cluster says to everybody, or to this user. */
function Notifications(): ReactNode {
  const core = useTopics();
  const notifications = useStore(core.notifications);
  return notifications.map(({ key, notification: { level, title, message } }) => (
    <div key={key} className={level === 'error' ? 'note note-error' : 'note note-warning'} role="alert">
      <Icon name={level === 'info' || level === 'success' ? 'info' : 'warning'} />
      <p className="anyhow">
        <strong>{title} </strong>
        {message}
      </p>
      <Button
        size="small"
        variant="quiet"
        onClick={() => core.notifications.set(notifications.filter((one) => one.key !== key))}
      >
        Dismiss
      </Button>
    </div>
  ));
}
