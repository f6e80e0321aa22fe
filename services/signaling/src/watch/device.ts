import type { ConnectionId, Device, DeviceId, GatewayId, UserId } from '@parley/contracts';
import type { PresenceValue } from './watch.tables.js';

/** A connection that somebody is reached by. */
export interface Link {
  readonly connectionId: ConnectionId;
  readonly gatewayId: GatewayId;
}

/** How the end of a connection was noticed; `final`: whose it was does not come back, and is not waited for. */
export interface Loss {
  readonly noticed?: 'gateway' | 'roll_call';
  readonly final?: boolean | undefined;
}

/** A device as it is stored. Times are ms since 1970. */
export interface StoredDevice {
  readonly id: DeviceId;
  readonly ownerId: UserId;
  readonly name: string;
  /** Null: its id is enough. */
  readonly keyHash: Buffer | null;
  readonly principalId: UserId;
  readonly createdAt: number;
  /** Null: it is not connected. */
  readonly link: Link | null;
  /** Since when it has no connection; null while it has one, and before its first. */
  readonly lostAt: number | null;
  /** The connection that was lost with its gateway, until it is known to be gone, or another one comes. */
  readonly doubted: Link | null;
  readonly lastSeenAt: number | null;
  readonly presence: PresenceValue | null;
}

export function linkOf(connectionId: ConnectionId | null, gatewayId: GatewayId | null): Link | null {
  return connectionId === null || gatewayId === null ? null : { connectionId, gatewayId };
}

/** `sharedWith` is for the owner alone. One that is connected is heard of now. */
export function describeDevice(device: StoredDevice, now: number, sharedWith?: readonly UserId[]): Device {
  const seen = device.link === null ? device.lastSeenAt : now;
  return {
    id: device.id,
    name: device.name,
    auth: device.keyHash === null ? 'none' : 'key',
    ownerId: device.ownerId,
    online: device.link !== null,
    lastSeen: seen === null ? null : new Date(seen).toISOString(),
    presence: device.presence === null ? null : { ...device.presence },
    ...(sharedWith === undefined ? {} : { sharedWith: [...sharedWith] }),
    createdAt: new Date(device.createdAt).toISOString(),
  };
}
