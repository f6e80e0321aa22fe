import { WatchRest, WatchViewer, type DevicePresence } from '@parley/client';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { ConsoleSession } from '../../session/console-session.js';
import { Poller, usePolled } from '../../session/poller.js';
import { Panel, RoomPage } from '../../ui/room-page.js';
import { Empty } from '../../ui/states.js';
import { useClientStatus } from '../../ui/use-client-status.js';
import type { RoomProps } from '../room.js';
import { Camera } from './camera/camera.js';
import { CameraPanel } from './camera/camera-panel.js';
import { DeviceList } from './devices/device-list.js';
import { History } from './history.js';
import { WatchCard } from './viewing/watch-card.js';
import { Watching } from './viewing/watching.js';
import './watch.css';

const DEVICES_EVERY_MS = 3_000;
const SESSIONS_EVERY_MS = 15_000;

/** Cameras, and who watches them: signals by the server, pictures from browser to browser. */
export function WatchRoom({ session }: RoomProps): ReactNode {
  const parts = useMemo(() => partsOf(session), [session]);
  const { rest, viewer, devices, sessions, camera } = parts;
  const status = useClientStatus(viewer);
  const listed = usePolled(devices);
  const history = usePolled(sessions);
  const [watchings, setWatchings] = useState<readonly Watching[]>([]);
  const [told, setTold] = useState<ReadonlyMap<string, DevicePresence>>(new Map());
  const connect = useCallback(() => {
    // `status` says how it goes.
    viewer.connect().catch(() => undefined);
  }, [viewer]);
  useEffect(() => {
    connect();
    const off = viewer.on('presence', (deviceId, presence) => {
      setTold((before) => new Map([...before, [deviceId, presence]]));
    });
    return () => {
      off();
      viewer.disconnect();
      camera.stop();
    };
  }, [viewer, camera, connect]);
  const changed = (): void => {
    void devices.now();
    void sessions.now();
  };
  const watch = (deviceId: string, name: string): void => {
    const others = watchings.filter((one) => one.device.deviceId !== deviceId);
    setWatchings([new Watching(viewer, { deviceId, name }, changed), ...others]);
  };
  const live = watchings.filter((one) => one.state.get().phase !== 'ended').map((one) => one.device.deviceId);
  return (
    <RoomPage
      title="Watch"
      intro="Make this browser a camera, share it, and watch it from another window. The server brings the two together; the picture goes between them."
      status={status}
      onRetry={connect}
    >
      <div className="watch">
        <div className="watch-column">
          <CameraPanel session={session} camera={camera} />
          <DeviceList
            session={session}
            rest={rest}
            polled={listed}
            watched={new Set(live)}
            told={told}
            onWatch={watch}
            onChanged={devices.now}
          />
        </div>
        <div className="watch-column">
          <Panel title="Watching">
            {watchings.length === 0 ? (
              <Empty title="You are watching nothing" icon="watch">
                Choose a device that is online, and watch it.
              </Empty>
            ) : (
              watchings.map((one) => (
                <WatchCard
                  key={one.device.deviceId}
                  watching={one}
                  signaling={status}
                  onClose={() => setWatchings(watchings.filter((other) => other !== one))}
                />
              ))
            )}
          </Panel>
          <History session={session} polled={history} />
        </div>
      </div>
    </RoomPage>
  );
}

interface Parts {
  readonly rest: WatchRest;
  readonly viewer: WatchViewer;
  readonly devices: Poller<Awaited<ReturnType<WatchRest['devices']>>>;
  readonly sessions: Poller<Awaited<ReturnType<WatchRest['sessions']>>>;
  readonly camera: Camera;
}

/** None of it touches anything before it is asked to. */
function partsOf(session: ConsoleSession): Parts {
  const rest = new WatchRest({ url: () => session.origin, token: session.token, fetch: session.fetch });
  const devices = new Poller(() => rest.devices({ limit: 100 }), DEVICES_EVERY_MS);
  const sessions = new Poller(() => rest.sessions({ limit: 20 }), SESSIONS_EVERY_MS);
  const camera = new Camera(session, rest, () => {
    void devices.now();
    void sessions.now();
  });
  return { rest, viewer: new WatchViewer(session.connection('/ws/viewer')), devices, sessions, camera };
}
