import type { DevicePage, WatchRest } from '@parley/client';
import type { ConsoleSession } from '../../../session/console-session.js';
import type { Polled } from '../../../session/poller.js';

/** What a list of devices, and each of its rows, is given. */
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
