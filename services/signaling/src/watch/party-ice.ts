import type { DeviceId, IceServer, UserId, WatchSessionId } from '@parley/contracts';
import type { IceServers } from '../ice-servers.js';

/** Credentials of their own for each party of each session: `expiry:role_user_session`. */
export class PartyIce {
  readonly #iceServers: IceServers;

  constructor(iceServers: IceServers) {
    this.#iceServers = iceServers;
  }

  forDevice(deviceId: DeviceId, sessionId: WatchSessionId): IceServer[] {
    return this.#iceServers.forName(`device_${deviceId}_${sessionId}`);
  }

  forViewer(userId: UserId, sessionId: WatchSessionId): IceServer[] {
    return this.#iceServers.forName(`viewer_${userId}_${sessionId}`);
  }
}
