import { isNothing, queryOf, Rest, type RestConfig } from '../transport/rest.js';
import type { TokenProvider } from '../transport/token-source.js';
import type { WaitOptions } from '../transport/wait.js';
import {
  isDevice,
  isDevicePage,
  isNewDevice,
  isWatchSessionPage,
  type Device,
  type DevicePage,
  type NewDevice,
  type WatchSessionPage,
} from './device-bodies.js';

export interface WatchRestConfig extends RestConfig {
  readonly token: TokenProvider;
}

export interface DeviceRegistration {
  /** `A-Z a-z 0-9 _ -`, 64 characters at most, unique in the cluster. */
  readonly deviceId: string;
  readonly name: string;
  /** Default `key`. */
  readonly auth?: 'key' | 'none';
}

/** A user's devices, who else may watch them, and who did. `request` reaches everything else. */
export class WatchRest extends Rest<WatchRestConfig> {
  /** Rejects with `invalid` when the id is taken (`wireCode` 409). Keep the `key`: it is never shown again. */
  register({ deviceId, name, auth }: DeviceRegistration, options?: WaitOptions): Promise<NewDevice> {
    const body = { device_id: deviceId, device_name: name, ...(auth === undefined ? {} : { auth }) };
    return this.request('POST', '/devices', isNewDevice, body, options);
  }

  /** One's own and those that are shared with one, in order of id; `after` is the last id of the page before. */
  devices(page: { readonly after?: string; readonly limit?: number } = {}, options?: WaitOptions): Promise<DevicePage> {
    const query = queryOf({ after: page.after, limit: page.limit });
    return this.request('GET', `/devices${query}`, isDevicePage, undefined, options);
  }

  device(deviceId: string, options?: WaitOptions): Promise<Device> {
    return this.request('GET', deviceAt(deviceId), isDevice, undefined, options);
  }

  /** Its sessions end, its connection is closed, its key is worth nothing. */
  async delete(deviceId: string, options?: WaitOptions): Promise<void> {
    await this.request('DELETE', deviceAt(deviceId), isNothing, undefined, options);
  }

  async share(deviceId: string, userId: string, options?: WaitOptions): Promise<void> {
    await this.request('PUT', viewerAt(deviceId, userId), isNothing, undefined, options);
  }

  /** That user's sessions end now. Also gives back what was shared with oneself. */
  async unshare(deviceId: string, userId: string, options?: WaitOptions): Promise<void> {
    await this.request('DELETE', viewerAt(deviceId, userId), isNothing, undefined, options);
  }

  /** Who watches or watched, newest first: one's own sessions and those of one's devices. `before` is a session's id. */
  sessions(
    page: { readonly deviceId?: string; readonly before?: string; readonly limit?: number } = {},
    options?: WaitOptions,
  ): Promise<WatchSessionPage> {
    const query = queryOf({ device_id: page.deviceId, before: page.before, limit: page.limit });
    return this.request('GET', `/watch-sessions${query}`, isWatchSessionPage, undefined, options);
  }
}

function deviceAt(deviceId: string): string {
  return `/devices/${encodeURIComponent(deviceId)}`;
}

function viewerAt(deviceId: string, userId: string): string {
  return `${deviceAt(deviceId)}/viewers/${encodeURIComponent(userId)}`;
}
