import { fail, ok, type DeviceId, type Outcome, type TransportErrorCode, type UserId } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Clock } from '../clock.js';
import { isDeviceKey } from './device-key.js';
import type { DeviceRepository } from './device.repository.js';
import { authentications } from './watch.metrics.js';

const WINDOW_MS = 60_000;
const FAILURES_PER_WINDOW = 10;
/** Ids with failures that are remembered; the oldest makes way. */
const REMEMBERED = 10_000;

interface Failures {
  count: number;
  readonly since: number;
}

type Known = Outcome<
  { readonly principalId: UserId; readonly ownerId: UserId },
  'unauthenticated' | 'rate_limited' | TransportErrorCode
>;

export type IsBanned = (userId: UserId) => Promise<Outcome<boolean, TransportErrorCode>>;

/**
 * Says nothing of what was wrong, nor that the owner is banned. After ten failures for an id within a minute whoever fails is told to wait; a right key
 * still passes: nobody guesses 256 bits, and nobody can lock a device out.
 */
export class AuthenticateDevice {
  readonly #devices: DeviceRepository;
  readonly #isBanned: IsBanned;
  readonly #clock: Clock;
  readonly #failures = new Map<DeviceId, Failures>();

  constructor(devices: DeviceRepository, isBanned: IsBanned, clock: Clock) {
    this.#devices = devices;
    this.#isBanned = isBanned;
    this.#clock = clock;
  }

  async run(deviceId: DeviceId, key: string | undefined): Promise<Known> {
    const outcome = await this.#look(deviceId, key);
    authentications.add(1, { result: outcome.ok ? 'known' : outcome.error.code });
    return outcome;
  }

  async #look(deviceId: DeviceId, key: string | undefined): Promise<Known> {
    const found = await attempt(() => this.#devices.load(deviceId));
    if (!found.ok) return found;
    const device = found.value;
    if (device === undefined || !(device.keyHash === null || isRight(key, device.keyHash))) {
      return this.#failed(deviceId);
    }
    const { principalId, ownerId } = device;
    const banned = await this.#isBanned(ownerId);
    if (!banned.ok) return banned;
    return banned.value ? unknown : ok({ principalId, ownerId });
  }

  #failed(deviceId: DeviceId): Known {
    const now = this.#clock();
    const known = this.#failures.get(deviceId);
    if (known !== undefined && now - known.since < WINDOW_MS) {
      known.count += 1;
      if (known.count <= FAILURES_PER_WINDOW) return unknown;
      return fail('rate_limited', 'Too many attempts.', { retryAfterMs: known.since + WINDOW_MS - now });
    }
    this.#failures.delete(deviceId);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(deviceId, { count: 1, since: now });
    return unknown;
  }
}

const unknown = fail('unauthenticated', 'Unknown device or wrong key.');

function isRight(key: string | undefined, hash: Buffer): boolean {
  return key !== undefined && isDeviceKey(key, hash);
}
