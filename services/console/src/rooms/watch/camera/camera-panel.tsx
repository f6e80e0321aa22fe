import type { DeviceSession } from '@parley/client';
import { useSyncExternalStore, type ReactNode } from 'react';
import type { ConsoleSession } from '../../../session/console-session.js';
import { usePersonName } from '../../../session/people.js';
import { announce } from '../../../ui/announcer.js';
import { Button } from '../../../ui/button.js';
import { Panel } from '../../../ui/room-page.js';
import { Avatar, Badge } from '../../../ui/small.js';
import { ConnectionBadge } from '../../../ui/states.js';
import { useClientStatus } from '../../../ui/use-client-status.js';
import { Video } from '../video.js';
import type { Camera, CameraOn } from './camera.js';
import { CameraForm } from './camera-form.js';

interface CameraPanelProps {
  readonly session: ConsoleSession;
  readonly camera: Camera;
}

/** This browser as a device that others watch. */
export function CameraPanel({ session, camera }: CameraPanelProps): ReactNode {
  const state = useSyncExternalStore(camera.state.subscribe, camera.state.get);
  return (
    <Panel title="This browser as a camera" className="watch-camera">
      {state.phase === 'off' ? (
        <CameraForm camera={camera} state={state} username={session.user.username} />
      ) : (
        <Live session={session} camera={camera} state={state} />
      )}
    </Panel>
  );
}

function Live({ session, camera, state }: CameraPanelProps & { readonly state: CameraOn }): ReactNode {
  const { device, picture, client, viewers } = state;
  const status = useClientStatus(client);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(device.key);
    announce('The key was copied');
  };
  return (
    <div className="panel-body stack">
      <div className="watch-live">
        <Video stream={picture.stream} label={`What ${device.name} shows`} />
        <div className="stack watch-live-words">
          <div className="row">
            <strong className="anyhow">{device.name}</strong>
            <ConnectionBadge status={status} />
          </div>
          <p className="soft small">
            Device <code>{device.deviceId}</code>, showing the {picture.source}. It stops when you leave this room.
          </p>
          {status.state !== 'ready' && viewers.length > 0 && (
            <p className="note note-warning">Signaling is away. The pictures go on, from browser to browser.</p>
          )}
          <div className="row">
            <Button icon="close" onClick={() => camera.stop()}>
              Stop the camera
            </Button>
          </div>
        </div>
      </div>
      <details className="watch-key">
        <summary>The device’s key</summary>
        <p className="soft small">
          The server showed it once and does not know it any more. It is kept in this window, until that closes.
        </p>
        <div className="row">
          <code className="anyhow">{device.key}</code>
          <Button size="small" icon="copy" onClick={() => void copy()}>
            Copy
          </Button>
        </div>
      </details>
      <section aria-label="Who is watching now">
        <h3>Watching now: {viewers.length}</h3>
        {viewers.length === 0 ? (
          <p className="soft small">Nobody. Share the device below, and open Watch in another window.</p>
        ) : (
          <ul className="watch-viewers">
            {viewers.map((viewer) => (
              <Viewer key={viewer.id} session={session} viewer={viewer} />
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

interface ViewerProps {
  readonly session: ConsoleSession;
  readonly viewer: DeviceSession<RTCPeerConnection>;
}

function Viewer({ session, viewer }: ViewerProps): ReactNode {
  const name = usePersonName(session, viewer.userId);
  const { state } = viewer;
  return (
    <li className="row">
      <Avatar name={name} size={24} />
      <span className="anyhow">{name}</span>
      <Badge tone={state === 'connected' ? 'good' : state === 'ended' ? 'idle' : 'busy'}>
        {state === 'connected' ? 'sees it' : state}
      </Badge>
    </li>
  );
}
