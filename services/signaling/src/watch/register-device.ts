import {
  fail,
  newUserId,
  ok,
  shardOf,
  type Device,
  type DeviceAuth,
  type DeviceId,
  type Outcome,
  type TransportErrorCode,
  type UserId,
} from '@parley/contracts';
import { describeDevice } from './device.js';
import { hashOf, newDeviceKey } from './device-key.js';
import type { DeviceRepository } from './device.repository.js';
import type { WatchWriter } from './watch-writer.js';

export interface Registration {
  readonly actorId: UserId;
  readonly deviceId: DeviceId;
  readonly name: string;
  readonly auth: DeviceAuth;
}

type Registered = Outcome<
  { readonly device: Device; readonly key: string | null },
  'conflict' | 'limit_exceeded' | TransportErrorCode
>;

/** Of the key only the hash is kept: it is told once. */
export class RegisterDevice {
  readonly #writer: WatchWriter;
  readonly #devices: DeviceRepository;
  readonly #perOwner: number;

  constructor(writer: WatchWriter, devices: DeviceRepository, perOwner: number) {
    this.#writer = writer;
    this.#devices = devices;
    this.#perOwner = perOwner;
  }

  async run({ actorId, deviceId, name, auth }: Registration): Promise<Registered> {
    const shard = shardOf(deviceId);
    const key = auth === 'none' ? null : newDeviceKey();
    const written = await this.#writer.change(shard, async ({ trx, now }): Promise<Registered> => {
      if ((await this.#devices.countOf(trx, actorId)) >= this.#perOwner) {
        return fail('limit_exceeded', `You may register ${String(this.#perOwner)} devices.`);
      }
      const device = {
        id: deviceId,
        ownerId: actorId,
        name,
        keyHash: key === null ? null : hashOf(key),
        principalId: newUserId(),
        createdAt: now,
        link: null,
        lostAt: null,
        doubted: null,
        lastSeenAt: null,
        presence: null,
      };
      if (!(await this.#devices.insert(trx, device, shard))) return fail('conflict', 'This device id is taken.');
      return ok({ device: describeDevice(device, now, []), key });
    });
    return written.ok ? written.value : written;
  }
}
