import {
  fail,
  ok,
  shardOf,
  type ConnectionId,
  type DeviceId,
  type Outcome,
  type TransportErrorCode,
} from '@parley/contracts';
import type { DeviceRepository } from './device.repository.js';
import { noSuchDevice } from './read-devices.js';
import type { WatchSessionRepository } from './watch-session.repository.js';
import type { PresenceValue } from './watch.tables.js';
import type { WatchWriter } from './watch-writer.js';

/** JSON escapes that Postgres knows no text for: U+0000, and surrogates without their other half. */
const NO_TEXT = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** What a device says of itself replaces what it said before; its viewers hear it. */
export class SetPresence {
  readonly #writer: WatchWriter;
  readonly #devices: DeviceRepository;
  readonly #sessions: WatchSessionRepository;
  readonly #maxBytes: number;

  constructor(writer: WatchWriter, devices: DeviceRepository, sessions: WatchSessionRepository, maxBytes: number) {
    this.#writer = writer;
    this.#devices = devices;
    this.#sessions = sessions;
    this.#maxBytes = maxBytes;
  }

  async run(
    deviceId: DeviceId,
    connectionId: ConnectionId,
    presence: PresenceValue,
  ): Promise<Outcome<object, 'not_found' | 'too_large' | TransportErrorCode>> {
    const text = JSON.stringify(presence);
    if (Buffer.byteLength(text) > this.#maxBytes) {
      return fail('too_large', `payload: may have ${String(this.#maxBytes)} bytes.`, { field: 'payload' });
    }
    if (NO_TEXT.test(text)) {
      return fail('invalid', 'payload: must not contain U+0000 or half a character.', { field: 'payload' });
    }
    const written = await this.#writer.change(shardOf(deviceId), async ({ trx, now, tell }) => {
      const device = await this.#devices.load(deviceId, trx);
      if (device?.link?.connectionId !== connectionId) return noSuchDevice;
      await this.#devices.setPresence(trx, deviceId, presence, now);
      const live = await this.#sessions.liveOf(trx, deviceId);
      const viewers = new Set(live.flatMap(({ viewer }) => (viewer === null ? [] : [viewer.connectionId])));
      for (const viewer of viewers) tell(viewer, { type: 'presence', deviceId, presence: { ...presence } });
      return ok({});
    });
    return written.ok ? written.value : written;
  }
}
