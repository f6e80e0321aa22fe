import type { ReactNode } from 'react';
import { Panel } from '../../../ui/room-page.js';
import { Empty, ErrorNote, Loading } from '../../../ui/states.js';
import type { DeviceListProps } from './device-list-props.js';
import { DeviceRow } from './device-row.js';

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
