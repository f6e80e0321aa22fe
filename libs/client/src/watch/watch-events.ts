import type { ConnectionStatus } from '../transport/connection-status.js';
import type { ParleyError } from '../transport/parley-error.js';
import type { DeviceSession } from './device-session.js';
import type { PeerConnectionLike } from './peer-connection.js';
import type { DevicePresence } from './watch-messages.js';

export interface ViewerEvents {
  status: readonly [status: ConnectionStatus];
  /** Of the devices that are being watched. */
  presence: readonly [deviceId: string, presence: DevicePresence];
  /** What no promise and no session tells of. */
  error: readonly [error: ParleyError];
}

export interface DeviceEvents<P extends PeerConnectionLike> {
  status: readonly [status: ConnectionStatus];
  /** Somebody begins to watch. */
  session: readonly [session: DeviceSession<P>];
  /** What no session tells of. */
  error: readonly [error: ParleyError];
}
