import type { DevicePage, WatchRest } from '@parley/client';
import type { ReactNode } from 'react';
import type { ConsoleSession } from '../../../session/console-session.js';
import type { Polled } from '../../../session/poller.js';
import { Panel } from '../../../ui/room-page.js';
import { Empty, ErrorNote, Loading } from '../../../ui/states.js';
import { DeviceRow } from './device-row.js';

export interface DeviceListProps {
  readonly session: ConsoleSession;
  readonly rest: WatchRest;
  readonly polled: Polled<DevicePage>;
  /** Ids of devices that are being watched here. */
  readonly watched: ReadonlySet<string>;
  /** Newest presence that devices told their viewers, by id. */
  readonly told: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly onWatch: (deviceId: string, name: string) => void;
  readonly onChanged: () => Promise<void>;
}

/** One's own devices, and those that others share. */
export function DeviceList({ polled, ...rest }: DeviceListProps): ReactNode {
  const { value, error } = polled;
  return (
    <Panel title="Devices" className="watch-devices">
      {error !== undefined && (
        <ErrorNote title="The list may be old." error={error} onRetry={() => void rest.onChanged()} />
      )}
      {value === undefined ? (
        error === undefined && <Loading label="Looking for devices" />
      ) : value.devices.length === 0 ? (
        <Empty title="No devices yet" icon="watch">
          Make this browser a camera, or ask somebody to share a device with {rest.session.user.username}.
        </Empty>
      ) : (
        <ul className="watch-list">
          {value.devices.map((device) => (
            <DeviceRow key={device.device_id} {...rest} device={device} />
          ))}
        </ul>
      )}
      {value?.more === true && <p className="panel-body soft small">Only the first 100 are shown.</p>}
    </Panel>
  );
}
