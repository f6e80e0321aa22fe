import {
  ok,
  shardOf,
  type ConnectionId,
  type DeviceId,
  type Outcome,
  type TransportErrorCode,
} from '@parley/contracts';
import type { Link } from './device.js';
import type { DeviceRepository } from './device.repository.js';
import type { HeldSignals } from './held-signals.repository.js';
import type { PartyIce } from './party-ice.js';
import { noSuchDevice } from './read-devices.js';
import { releaseHeld } from './release-held.js';
import { partiesLost } from './watch.metrics.js';
import type { WatchSessionRepository } from './watch-session.repository.js';
import type { WatchWriter } from './watch-writer.js';

export interface ConnectParts {
  readonly writer: WatchWriter;
  readonly devices: DeviceRepository;
  readonly sessions: WatchSessionRepository;
  readonly held: HeldSignals;
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
   * comes. A request that no offer followed yet is told again, since the device may not have read it.
   */
  async connect(deviceId: DeviceId, link: Link): Promise<Outcome<object, 'not_found' | TransportErrorCode>> {
    const { writer, devices, sessions, held, ice } = this.#parts;
    const written = await writer.change(shardOf(deviceId), async (change) => {
      const { trx, now, tell } = change;
      const device = await devices.load(deviceId, trx);
      if (device === undefined) return noSuchDevice;
      const before = device.link?.connectionId;
      if (before === link.connectionId) return ok({});
      await devices.connect(trx, deviceId, link, now);
      if (before !== undefined) tell(before, { type: 'closed', reason: 'replaced' });
      for (const session of await sessions.liveOf(trx, deviceId)) {
        const { id: sessionId, userId } = session;
        if (session.offeredAt === null) {
          const iceServers = ice.forDevice(deviceId, sessionId);
          tell(link.connectionId, { type: 'requested', sessionId, userId, iceServers });
        }
        await releaseHeld(held, change, session, 'device', link);
      }
      return ok({});
    });
    return written.ok ? written.value : written;
  }

  /** Its sessions wait for it from now on. */
  async lose(
    deviceId: DeviceId,
    connectionId: ConnectionId,
    noticed: 'gateway' | 'roll_call' = 'gateway',
  ): Promise<Outcome<object, TransportErrorCode>> {
    const { writer, devices } = this.#parts;
    const written = await writer.change(shardOf(deviceId), ({ trx, now }) =>
      devices.lose(trx, deviceId, connectionId, now),
    );
    if (!written.ok) return written;
    if (written.value) partiesLost.add(1, { noticed });
    return ok({});
  }
}
