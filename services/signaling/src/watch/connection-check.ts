import type { ConnectionId, DeviceId, GatewayId, Outcome, UserId, WatchSessionId } from '@parley/contracts';
import type { Clock } from '../clock.js';
import type { ConnectDevice } from './connect-device.js';
import type { DeviceRepository } from './device.repository.js';
import type { Steadiness } from './steadiness.js';
import type { ViewerLinks } from './viewer-links.js';
import { partiesLost } from './watch.metrics.js';
import type { WatchSessionRepository } from './watch-session.repository.js';
import type { WatchWriter } from './watch-writer.js';

/** Which of these connections are known to be gone. */
export type AskGone = (
  connections: readonly { readonly connectionId: ConnectionId; readonly userId: UserId }[],
) => Promise<Outcome<readonly ConnectionId[]>>;

const PAGE = 1_000;
/** A connection that came a moment ago may not have been reported to presence yet; nor one that went, been forgotten. */
const YOUNG_MS = 10_000;
/** How long a gateway may be cut off, and its devices still be found again; presence does not know them meanwhile. */
const DOUBT_MS = 900_000;

export interface CheckParts {
  readonly writer: WatchWriter;
  readonly devices: DeviceRepository;
  readonly sessions: WatchSessionRepository;
  readonly connect: ConnectDevice;
  readonly viewers: ViewerLinks;
  readonly askGone: AskGone;
  readonly steadiness: Steadiness;
  readonly held: () => readonly number[];
  readonly clock: Clock;
}

/** Finds the connections whose end nobody told us of. An answer that does not come changes nothing. */
export class ConnectionCheck {
  readonly #parts: CheckParts;

  constructor(parts: CheckParts) {
    this.#parts = parts;
  }

  /** All that hung on it, in the shards that this replica owns. */
  async gatewayLost(gatewayId: GatewayId): Promise<void> {
    const { writer, devices, sessions, held } = this.#parts;
    await Promise.all(
      held().map(async (shard) => {
        const lost = await writer.change(
          shard,
          async ({ trx, now }) =>
            (await devices.loseGateway(trx, shard, gatewayId, now)) +
            (await sessions.loseGateway(trx, shard, gatewayId, now)),
        );
        if (lost.ok) partiesLost.add(lost.value, { noticed: 'gateway_lost' });
      }),
    );
  }

  async rollCall(): Promise<void> {
    const shards = this.#parts.steadiness.shards();
    if (shards.length === 0) return;
    const connectedBefore = this.#parts.clock() - YOUNG_MS;
    await this.#callDevices(shards, connectedBefore);
    await this.#callDoubted(shards, connectedBefore);
    await this.#parts.devices.forgetDoubts(shards, this.#parts.clock() - DOUBT_MS);
    await this.#callViewers(shards, connectedBefore);
  }

  async #callDevices(shards: readonly number[], connectedBefore: number): Promise<void> {
    const { devices, connect, askGone } = this.#parts;
    let after: DeviceId | undefined;
    for (;;) {
      const page = await devices.connected(shards, connectedBefore, after, PAGE);
      if (page.length === 0) return;
      const gone = await askGone(page.map(({ connectionId, principalId: userId }) => ({ connectionId, userId })));
      if (!gone.ok) return;
      const lost = new Set(gone.value);
      for (const { deviceId, connectionId } of page) {
        if (lost.has(connectionId)) await connect.lose(deviceId, connectionId, { noticed: 'roll_call' });
      }
      after = page.at(-1)?.deviceId;
      if (page.length < PAGE) return;
    }
  }

  /** A gateway that was cut off for a while says again who is there: what was lost with it comes back. */
  async #callDoubted(shards: readonly number[], lostBefore: number): Promise<void> {
    const { devices, connect, askGone } = this.#parts;
    let after: DeviceId | undefined;
    for (;;) {
      const page = await devices.doubted(shards, lostBefore, after, PAGE);
      if (page.length === 0) return;
      const gone = await askGone(page.map(({ connectionId, principalId: userId }) => ({ connectionId, userId })));
      if (!gone.ok) return;
      const missing = new Set(gone.value);
      for (const { deviceId, connectionId, gatewayId } of page) {
        if (!missing.has(connectionId)) await connect.restore(deviceId, { connectionId, gatewayId });
      }
      after = page.at(-1)?.deviceId;
      if (page.length < PAGE) return;
    }
  }

  async #callViewers(shards: readonly number[], connectedBefore: number): Promise<void> {
    const { sessions, viewers, askGone } = this.#parts;
    let after: WatchSessionId | undefined;
    for (;;) {
      const page = await sessions.connected(shards, connectedBefore, after, PAGE);
      if (page.length === 0) return;
      const gone = await askGone(page.map(({ connectionId, userId }) => ({ connectionId, userId })));
      if (!gone.ok) return;
      const lost = new Set(gone.value);
      for (const { sessionId, connectionId } of page) {
        if (lost.has(connectionId)) await viewers.lose(sessionId, connectionId, { noticed: 'roll_call' });
      }
      after = page.at(-1)?.sessionId;
      if (page.length < PAGE) return;
    }
  }
}
