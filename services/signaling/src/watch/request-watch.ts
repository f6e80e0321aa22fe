import {
  fail,
  newWatchSessionId,
  ok,
  shardOf,
  type DeviceId,
  type IceServer,
  type Outcome,
  type TransportErrorCode,
  type UserId,
  type WatchSessionId,
} from '@parley/contracts';
import type { Link } from './device.js';
import type { DeviceRepository } from './device.repository.js';
import type { EndSessions } from './end-sessions.js';
import type { PartyIce } from './party-ice.js';
import { noSuchDevice } from './read-devices.js';
import { requests } from './watch.metrics.js';
import type { WatchSessionRepository } from './watch-session.repository.js';
import type { Change, WatchWriter } from './watch-writer.js';

export interface WatchRequest {
  readonly deviceId: DeviceId;
  readonly userId: UserId;
  readonly viewer: Link;
}

type Answer =
  | { readonly result: 'ready'; readonly sessionId: WatchSessionId; readonly iceServers: IceServer[] }
  | { readonly result: 'offline' };
export type RequestOutcome = Outcome<Answer, 'not_found' | 'forbidden' | 'limit_exceeded' | TransportErrorCode>;

export interface RequestParts {
  readonly writer: WatchWriter;
  readonly devices: DeviceRepository;
  readonly sessions: WatchSessionRepository;
  readonly end: EndSessions;
  readonly ice: PartyIce;
  readonly viewersPerDevice: number;
}

/** A session begins: the device hears of it, the viewer gets the answer. */
export class RequestWatch {
  readonly #parts: RequestParts;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  async run(request: WatchRequest): Promise<RequestOutcome> {
    const { writer } = this.#parts;
    const written = await writer.change(shardOf(request.deviceId), (change) => this.#begin(change, request));
    const outcome = written.ok ? written.value : written;
    requests.add(1, { result: outcome.ok ? outcome.value.result : outcome.error.code });
    return outcome;
  }

  async #begin(change: Change, { deviceId, userId, viewer }: WatchRequest): Promise<RequestOutcome> {
    const { devices, sessions, end, ice, viewersPerDevice } = this.#parts;
    const { trx, now, tell } = change;
    const device = await devices.load(deviceId, trx);
    if (device === undefined) return noSuchDevice;
    const { ownerId, link } = device;
    if (ownerId !== userId && !(await devices.isSharedWith(deviceId, userId, trx))) {
      return fail('forbidden', 'Unauthorized');
    }
    if (link === null) return ok({ result: 'offline' });
    const live = await sessions.liveOf(trx, deviceId);
    const isSame = (other: Link | null): boolean => other?.connectionId === viewer.connectionId;
    // A page that was loaded anew, or that lost an answer, asks again: it has use for one session only.
    const earlier = live.filter((session) => isSame(session.viewer));
    if (live.length - earlier.length >= viewersPerDevice) return fail('limit_exceeded', 'Too many viewers');
    await end.within(change, earlier, 'user_ended');
    const id = newWatchSessionId(deviceId);
    await sessions.insert(trx, { id, shard: shardOf(deviceId), deviceId, ownerId, userId, viewer }, now);
    const iceServers = ice.forDevice(deviceId, id);
    tell(link.connectionId, { type: 'requested', sessionId: id, userId, iceServers });
    return ok({ result: 'ready', sessionId: id, iceServers: ice.forViewer(userId, id) });
  }
}
