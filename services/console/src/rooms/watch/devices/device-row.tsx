import type { Device } from '@parley/client';
import { useState, type ReactNode } from 'react';
import { usePersonName } from '../../../session/people.js';
import { Button } from '../../../ui/button.js';
import { ConfirmButton } from '../../../ui/confirm-button.js';
import { Badge, StatusDot, Time } from '../../../ui/small.js';
import { ErrorNote } from '../../../ui/states.js';
import { useAction } from '../../../ui/use-action.js';
import type { DeviceListProps } from './device-list-props.js';
import { ShareForm } from './share-form.js';

interface DeviceRowProps extends Omit<DeviceListProps, 'polled'> {
  readonly device: Device;
}

export function DeviceRow({ session, rest, device, watched, told, onWatch, onChanged }: DeviceRowProps): ReactNode {
  const { device_id: deviceId, device_name: name, owner_id: ownerId, online } = device;
  const mine = ownerId === session.user.id;
  const owner = usePersonName(session, ownerId);
  const [sharing, setSharing] = useState(false);
  const act = useAction(async (work: () => Promise<void>) => {
    await work();
    await onChanged();
  });
  const presence = told.get(deviceId) ?? device.presence;
  return (
    <li className="watch-device" data-device={deviceId} data-online={online}>
      <div className="watch-device-head">
        <StatusDot tone={online ? 'good' : 'idle'} label={online ? 'online' : 'offline'} />
        <div className="watch-device-words">
          <strong className="anyhow">{name}</strong>
          <span className="soft small">
            <code>{deviceId}</code> · {mine ? 'yours' : `shared by ${owner}`} · <Seen device={device} />
          </span>
        </div>
        <div className="row watch-device-acts">
          <Button
            size="small"
            variant="primary"
            icon="play"
            disabled={!online || watched.has(deviceId)}
            onClick={() => onWatch(deviceId, name)}
          >
            {watched.has(deviceId) ? 'Watching' : 'Watch'}
          </Button>
          {mine && (
            <Button size="small" icon="users" aria-expanded={sharing} onClick={() => setSharing(!sharing)}>
              Share
            </Button>
          )}
          {mine ? (
            <ConfirmButton
              size="small"
              icon="trash"
              question={`Delete ${name}?`}
              consequence="Whoever watches it stops now. Its key is worth nothing any more."
              confirm="Delete it"
              busy={act.busy}
              onConfirm={() => void act.run(() => rest.delete(deviceId))}
            >
              Delete
            </ConfirmButton>
          ) : (
            <ConfirmButton
              size="small"
              variant="quiet"
              question={`Give ${name} back?`}
              consequence={`You cannot watch it again until ${owner} shares it again.`}
              confirm="Give it back"
              busy={act.busy}
              onConfirm={() => void act.run(() => rest.unshare(deviceId, session.user.id))}
            >
              Give back
            </ConfirmButton>
          )}
        </div>
      </div>
      {presence !== null && online && <Presence presence={presence} />}
      {act.error !== undefined && <ErrorNote error={act.error} onDismiss={act.forget} />}
      {sharing && <ShareForm session={session} rest={rest} device={device} onChanged={onChanged} />}
    </li>
  );
}

function Seen({ device: { online, last_seen: seen } }: { readonly device: Device }): ReactNode {
  if (online) return 'online';
  if (seen === null) return 'never connected';
  return (
    <>
      last seen <Time at={seen} />
    </>
  );
}

const MOST_FACTS = 6;

/** What a device says of itself: whatever it is, in as many words as fit. */
function Presence({ presence }: { readonly presence: Readonly<Record<string, unknown>> }): ReactNode {
  return (
    <p className="row watch-presence">
      {Object.entries(presence)
        .slice(0, MOST_FACTS)
        .map(([key, value]) => (
          <Badge key={key}>
            <span className="ellipsis">
              {key}: {typeof value === 'string' ? value : JSON.stringify(value)}
            </span>
          </Badge>
        ))}
    </p>
  );
}
