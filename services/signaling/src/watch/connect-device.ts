import {
  ok,
  shardOf,
  type ConnectionId,
  type DeviceId,
  type Outcome,
  type TransportErrorCode,
} from '@parley/contracts';
import type { Link, Loss, StoredDevice } from './device.js';
import type { EndSessions } from './end-sessions.js';
import type { DeviceRepository } from './device.repository.js';
import type { HeldSignals } from './held-signals.repository.js';
import type { PartyIce } from './party-ice.js';
import { noSuchDevice } from './read-devices.js';
import { releaseHeld } from './release-held.js';
import { partiesLost } from './watch.metrics.js';
import type { WatchSessionRepository } from './watch-session.repository.js';
import type { Change, WatchWriter } from './watch-writer.js';

/** How long a connection may be dead before that is noticed: what it was told meanwhile was perhaps not heard. */
const UNHEARD_MS = 120_000;
const RECENT = 100;

export interface ConnectParts {
  readonly writer: WatchWriter;
  readonly devices: DeviceRepository;
  readonly sessions: WatchSessionRepository;
  readonly held: HeldSignals;
  readonly end: EndSessions;
  readonly ice: PartyIce;
}

/** By which connection a device is reached, if any. */
export class ConnectDevice {
  readonly #parts: ConnectParts;

  constructor(parts: ConnectParts) {
    this.#parts = parts;
  }

  /**
   * The newest connection takes over: the one before is told to close, sessions go on, and what waited for the device
   * comes. What the device may not have read is told again: sessions that ended, or else it would send its video on and
   * on, and requests whose offer it has not got.
   */
  connect(deviceId: DeviceId, link: Link): Promise<Outcome<object, 'not_found' | TransportErrorCode>> {
    return this.#connect(deviceId, link, () => true);
  }

  /** The connection was lost with its gateway, which was only cut off for a while: the device never noticed. */
  restore(deviceId: DeviceId, link: Link): Promise<Outcome<object, 'not_found' | TransportErrorCode>> {
    return this.#connect(deviceId, link, ({ doubted }) => doubted?.connectionId === link.connectionId);
  }

  async #connect(
    deviceId: DeviceId,
    link: Link,
    isWanted: (device: StoredDevice) => boolean,
  ): Promise<Outcome<object, 'not_found' | TransportErrorCode>> {
    const { writer, devices, sessions, held, ice } = this.#parts;
    const written = await writer.change(shardOf(deviceId), async (change) => {
      const { trx, now, tell } = change;
      const device = await devices.load(deviceId, trx);
      if (device === undefined || !isWanted(device)) return noSuchDevice;
      const before = device.link?.connectionId;
      if (before === link.connectionId) return ok({});
      await devices.connect(trx, deviceId, link, now);
      if (before !== undefined) tell(before, { type: 'closed', reason: 'replaced' });
      await this.#tellEnded(change, device, link);
      for (const session of await sessions.liveOf(trx, deviceId)) {
        const { id: sessionId, userId } = session;
        if (session.offeredAt === null || (await held.hasFirst(trx, sessionId, 'device'))) {
          const iceServers = ice.forDevice(deviceId, sessionId);
          tell(link.connectionId, { type: 'requested', sessionId, userId, iceServers });
        }
        await releaseHeld(held, change, session, 'device', link);
      }
      return ok({});
    });
    return written.ok ? written.value : written;
  }

  async #tellEnded({ trx, now, tell }: Change, device: StoredDevice, to: Link): Promise<void> {
    if (device.link === null && device.lostAt === null) return;
    const since = (device.lostAt ?? now) - UNHEARD_MS;
    for (const { id: sessionId, reason } of await this.#parts.sessions.endedSince(trx, device, since, RECENT)) {
      tell(to.connectionId, { type: 'ended', sessionId, reason });
    }
  }

  /** Its sessions wait for it from now on. */
  async lose(
    deviceId: DeviceId,
    connectionId: ConnectionId,
    { noticed = 'gateway', final = false }: Loss = {},
  ): Promise<Outcome<object, TransportErrorCode>> {
    const { writer, devices, sessions, end } = this.#parts;
    const written = await writer.change(shardOf(deviceId), async (change) => {
      const { trx, now } = change;
      await devices.settle(trx, connectionId);
      if (!(await devices.lose(trx, deviceId, connectionId, now))) return false;
      if (final) await end.within(change, await sessions.liveOf(trx, deviceId), 'device_disconnected');
      return true;
    });
    if (!written.ok) return written;
    if (written.value) partiesLost.add(1, { noticed });
    return ok({});
  }
}
