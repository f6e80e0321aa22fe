import {
  fail,
  ok,
  shardOf,
  type DeviceId,
  type Outcome,
  type TransportErrorCode,
  type UserId,
} from '@parley/contracts';
import type { StoredDevice } from './device.js';
import type { DeviceRepository } from './device.repository.js';
import type { EndSessions } from './end-sessions.js';
import { noSuchDevice } from './read-devices.js';
import type { WatchSessionRepository } from './watch-session.repository.js';
import type { Change, WatchWriter } from './watch-writer.js';

export type IsUser = (userId: UserId) => Promise<Outcome<boolean, TransportErrorCode>>;

type Refusal = 'not_found' | 'forbidden' | 'limit_exceeded' | TransportErrorCode;
type Done = Outcome<object, Refusal>;
type DoneOwning = Outcome<object, 'not_found' | 'forbidden' | TransportErrorCode>;

export interface ShareParts {
  readonly writer: WatchWriter;
  readonly devices: DeviceRepository;
  readonly sessions: WatchSessionRepository;
  readonly end: EndSessions;
  readonly isUser: IsUser;
  readonly sharesPerDevice: number;
}

/** Who may watch a device beside its owner, and what becomes of their sessions when they may not any more. */
export class ShareDevice {
  readonly #parts: ShareParts;

  constructor(parts: ShareParts) {
    this.#parts = parts;
  }

  async share(actorId: UserId, deviceId: DeviceId, userId: UserId): Promise<Done> {
    const { writer, devices, isUser, sharesPerDevice } = this.#parts;
    const known = await isUser(userId);
    if (!known.ok) return known;
    const written = await writer.change(shardOf(deviceId), async ({ trx, now }): Promise<Done> => {
      const owned = await this.#owned(trx, actorId, deviceId);
      if (!owned.ok) return owned;
      if (!known.value) return fail('not_found', 'There is no such user.');
      if (userId === actorId) return ok({});
      const viewers = (await devices.viewersOf([deviceId], trx)).get(deviceId) ?? [];
      if (viewers.includes(userId)) return ok({});
      if (viewers.length >= sharesPerDevice) {
        return fail('limit_exceeded', `A device may be shared with ${String(sharesPerDevice)} users.`);
      }
      await devices.share(trx, deviceId, userId, now);
      return ok({});
    });
    return written.ok ? written.value : written;
  }

  /** By the owner, or by whom it was shared with. */
  async unshare(actorId: UserId, deviceId: DeviceId, userId: UserId): Promise<DoneOwning> {
    const { writer, devices, sessions, end } = this.#parts;
    const written = await writer.change(shardOf(deviceId), async (change): Promise<DoneOwning> => {
      const { trx } = change;
      if (actorId !== userId) {
        const owned = await this.#owned(trx, actorId, deviceId);
        if (!owned.ok) return owned;
      }
      if (!(await devices.unshare(trx, deviceId, userId))) return noSuchShare;
      const live = await sessions.liveOf(trx, deviceId);
      await end.within(
        change,
        live.filter((session) => session.userId === userId),
        'error',
      );
      return ok({});
    });
    return written.ok ? written.value : written;
  }

  async delete(actorId: UserId, deviceId: DeviceId): Promise<DoneOwning> {
    const { writer, devices, sessions, end } = this.#parts;
    const written = await writer.change(shardOf(deviceId), async (change): Promise<DoneOwning> => {
      const owned = await this.#owned(change.trx, actorId, deviceId);
      if (!owned.ok) return owned;
      await end.within(change, await sessions.liveOf(change.trx, deviceId), 'error');
      const { link } = owned.value;
      if (link !== null) change.tell(link.connectionId, { type: 'closed', reason: 'deleted' });
      await devices.delete(change.trx, deviceId);
      return ok({});
    });
    return written.ok ? written.value : written;
  }

  async #owned(
    trx: Change['trx'],
    actorId: UserId,
    deviceId: DeviceId,
  ): Promise<Outcome<StoredDevice, 'not_found' | 'forbidden'>> {
    const device = await this.#parts.devices.load(deviceId, trx);
    if (device === undefined) return noSuchDevice;
    if (device.ownerId === actorId) return ok(device);
    const knows = await this.#parts.devices.isSharedWith(deviceId, actorId, trx);
    return knows ? fail('forbidden', 'Only its owner may do this.') : noSuchDevice;
  }
}

const noSuchShare = fail('not_found', 'The device is not shared with this user.');
