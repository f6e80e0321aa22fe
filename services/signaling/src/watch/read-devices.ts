import { fail, ok, type Device, type DeviceId, type Outcome, type UserId } from '@parley/contracts';
import type { Clock } from '../clock.js';
import { describeDevice } from './device.js';
import type { DeviceRepository } from './device.repository.js';

/** Any replica. */
export class ReadDevices {
  readonly #devices: DeviceRepository;
  readonly #clock: Clock;

  constructor(devices: DeviceRepository, clock: Clock) {
    this.#devices = devices;
    this.#clock = clock;
  }

  async get(actorId: UserId, deviceId: DeviceId): Promise<Outcome<Device, 'not_found'>> {
    const device = await this.#devices.load(deviceId);
    if (device === undefined) return noSuchDevice;
    const isOwner = device.ownerId === actorId;
    if (!isOwner && !(await this.#devices.isSharedWith(deviceId, actorId))) return noSuchDevice;
    const viewers = isOwner ? await this.#devices.viewersOf([deviceId]) : undefined;
    return ok(describeDevice(device, this.#clock(), viewers?.get(deviceId)));
  }

  async list(
    actorId: UserId,
    after: DeviceId | undefined,
    limit: number,
  ): Promise<Outcome<{ readonly devices: Device[]; readonly more: boolean }, never>> {
    const found = await this.#devices.of(actorId, after, limit + 1);
    const page = found.slice(0, limit);
    const own = page.filter(({ ownerId }) => ownerId === actorId).map(({ id }) => id);
    const viewers = await this.#devices.viewersOf(own);
    const now = this.#clock();
    const devices = page.map((device) => describeDevice(device, now, viewers.get(device.id)));
    return ok({ devices, more: found.length > limit });
  }
}

export const noSuchDevice = fail('not_found', 'Device not found');
