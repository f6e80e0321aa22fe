import {
  isAnything,
  isBoolean,
  isString,
  list,
  literal,
  map,
  nullable,
  optional,
  shape,
  type Check,
} from '../transport/check.js';
import type { DevicePresence, WatchEndReason } from './watch-messages.js';

/** As the API writes it; times are ISO 8601. */
export interface Device {
  readonly device_id: string;
  readonly device_name: string;
  /** `none`: who knows the id is the device. */
  readonly auth: 'key' | 'none';
  readonly owner_id: string;
  readonly online: boolean;
  readonly last_seen: string | null;
  /** What it last said of itself. */
  readonly presence: DevicePresence | null;
  /** Only its owner is told. */
  readonly shared_with?: readonly string[] | undefined;
  readonly created_at: string;
}

export interface NewDevice extends Device {
  /** What the device says hello with: shown this once. Null for `auth: 'none'`. */
  readonly key: string | null;
}

export interface WatchSessionRecord {
  readonly id: string;
  readonly device_id: string;
  /** Who watches or watched. */
  readonly user_id: string;
  readonly state: 'requested' | 'answered' | 'ended';
  readonly started_at: string;
  readonly answered_at: string | null;
  readonly ended_at: string | null;
  readonly reason: WatchEndReason | null;
}

export interface DevicePage {
  readonly devices: readonly Device[];
  readonly more: boolean;
}

export interface WatchSessionPage {
  readonly sessions: readonly WatchSessionRecord[];
  readonly more: boolean;
}

const fields = {
  device_id: isString,
  device_name: isString,
  auth: literal('key', 'none'),
  owner_id: isString,
  online: isBoolean,
  last_seen: nullable(isString),
  presence: nullable(map(isAnything)),
  shared_with: optional(list(isString)),
  created_at: isString,
};

export const isDevice: Check<Device> = shape<Device>(fields);
export const isNewDevice: Check<NewDevice> = shape<NewDevice>({ ...fields, key: nullable(isString) });
export const isDevicePage: Check<DevicePage> = shape<DevicePage>({ devices: list(isDevice), more: isBoolean });

export const isWatchSessionPage: Check<WatchSessionPage> = shape<WatchSessionPage>({
  sessions: list(
    shape<WatchSessionRecord>({
      id: isString,
      device_id: isString,
      user_id: isString,
      state: literal('requested', 'answered', 'ended'),
      started_at: isString,
      answered_at: nullable(isString),
      ended_at: nullable(isString),
      reason: nullable(literal('viewer_disconnected', 'device_disconnected', 'user_ended', 'timeout', 'error')),
    }),
  ),
  more: isBoolean,
});
