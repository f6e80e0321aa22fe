import { useMemo, useState, type ReactNode } from 'react';
import type { ConsoleSession } from '../session/console-session.js';
import { usePersonName } from '../session/people.js';
import { Poller, usePolled } from '../session/poller.js';
import { announce } from '../ui/announcer.js';
import { ConfirmButton } from '../ui/confirm-button.js';
import { Panel } from '../ui/room-page.js';
import { IconButton } from '../ui/button.js';
import { ErrorNote } from '../ui/states.js';
import { useAction } from '../ui/use-action.js';
import type { OperatorApi } from './operator-api.js';
import { TrailList } from './trail-list.js';

const EVERY_MS = 2_000;

interface UserPanelProps {
  readonly session: ConsoleSession;
  readonly api: OperatorApi;
  readonly userId: string;
  readonly nameOf: (gatewayId: string) => string;
  readonly onClose: () => void;
}

/** One user: what happened to their connections lately, and what can be done about them. */
export function UserPanel({ session, api, userId, nameOf, onClose }: UserPanelProps): ReactNode {
  const name = usePersonName(session, userId);
  const poller = useMemo(() => new Poller(() => api.trail(userId), EVERY_MS), [api, userId]);
  const polled = usePolled(poller);
  const [done, setDone] = useState<string>();
  const act = useAction(async (work: () => Promise<void>, said: string) => {
    setDone(undefined);
    await work();
    setDone(said);
    announce(said);
    await poller.now();
  });
  const isOneself = userId === session.user.id;
  const warning = isOneself ? ' This is you: this window is signed out, too.' : '';
  return (
    <Panel
      title={`User ${name}`}
      className="operator-user"
      actions={<IconButton icon="close" size="small" label="Close the user" onClick={onClose} />}
    >
      <div className="panel-body stack">
        <p className="soft small">
          <code className="anyhow">{userId}</code>
        </p>
        <div className="row">
          <ConfirmButton
            size="small"
            icon="sign-out"
            question={`End every login of ${name}?`}
            consequence={`All their windows and devices are signed out, on all gateways. They may sign in again.${warning}`}
            confirm="End their logins"
            busy={act.busy}
            onConfirm={() => void act.run(() => api.revoke(userId), `Every login of ${name} has ended.`)}
          >
            Revoke logins
          </ConfirmButton>
          <ConfirmButton
            size="small"
            icon="cut"
            question={`Ban ${name}?`}
            consequence={`Every login ends, and neither they nor their devices are let in until the ban is lifted.${warning}`}
            confirm="Ban them"
            busy={act.busy}
            onConfirm={() => void act.run(() => api.ban(userId), `${name} is banned.`)}
          >
            Ban
          </ConfirmButton>
          <ConfirmButton
            size="small"
            variant="secondary"
            question={`Lift the ban of ${name}?`}
            consequence="They may sign in again. Who is not banned is left as they are."
            confirm="Lift the ban"
            busy={act.busy}
            onConfirm={() => void act.run(() => api.unban(userId), `${name} is not banned any more.`)}
          >
            Lift ban
          </ConfirmButton>
        </div>
        {act.error !== undefined && <ErrorNote title="Not done." error={act.error} onDismiss={act.forget} />}
        {done !== undefined && <p className="note anyhow">{done}</p>}
      </div>
      <TrailList polled={polled} nameOf={nameOf} />
    </Panel>
  );
}
