import {
  fail,
  ok,
  shardOf,
  type ConnectionId,
  type GatewayId,
  type Outcome,
  type SignalType,
  type TransportErrorCode,
  type WatchSessionId,
} from '@parley/contracts';
import type { HeldSignals } from './held-signals.repository.js';
import { passageOf, type LiveSession, type Passage, type Signalling } from './live-session.js';
import { releaseHeld } from './release-held.js';
import type { Role } from './watch.tables.js';
import { watchSignals } from './watch.metrics.js';
import type { WatchSessionRepository } from './watch-session.repository.js';
import type { Change, WatchWriter } from './watch-writer.js';

export interface WatchSignal extends Signalling {
  readonly sessionId: WatchSessionId;
  readonly gatewayId: GatewayId;
}

/** Resolves when the event is stored; events are stored in the order of the calls. */
export type PassOn = (
  to: ConnectionId,
  signal: { readonly sessionId: WatchSessionId; readonly type: SignalType; readonly body: Uint8Array },
) => Promise<Outcome<unknown, TransportErrorCode>>;

type Refusal = 'not_found' | 'forbidden' | 'too_large' | 'limit_exceeded' | TransportErrorCode;
type Relayed = Outcome<'relayed' | 'held', Refusal>;

export interface RelayParts {
  readonly writer: WatchWriter;
  readonly sessions: WatchSessionRepository;
  readonly held: HeldSignals;
  readonly passOn: PassOn;
  readonly limits: { readonly watchSignalMaxBytes: number; readonly heldSignals: number; readonly heldBytes: number };
}

/**
 * Between the two parties of a live session, byte for byte, in the order in which the caller asks. Nearly all are passed on
 * as they come; those that change the session, or have to wait, are written first.
 */
export class RelayWatchSignal {
  readonly #parts: RelayParts;

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  async run(signal: WatchSignal, body: Uint8Array | undefined): Promise<Outcome<object, Refusal>> {
    const outcome = await this.#relay(signal, body);
    watchSignals.add(1, { outcome: outcome.ok ? outcome.value : outcome.error.code });
    return outcome.ok ? ok({}) : outcome;
  }

  async #relay(signal: WatchSignal, body: Uint8Array | undefined): Promise<Relayed> {
    const { limits, passOn, sessions, writer } = this.#parts;
    if (body === undefined) return fail('invalid', 'A signal is needed.', { field: 'payload' });
    if (body.length > limits.watchSignalMaxBytes) {
      return fail('too_large', `A signal may have ${String(limits.watchSignalMaxBytes)} bytes.`);
    }
    const { sessionId, type } = signal;
    const shard = shardOf(sessionId);
    const begun = await writer.relay(shard, async () => {
      const passage = passageOf(await sessions.live(sessionId), signal);
      if (!passage.ok) return { refused: passage };
      const { target, isFirst, isEarly, moves } = passage.value;
      if (target === null || isFirst || isEarly || moves) return {};
      return { passing: passOn(target.connectionId, { sessionId, type, body }) };
    });
    if (!begun.ok) return begun;
    const { refused, passing } = begun.value;
    if (refused !== undefined) return refused;
    if (passing !== undefined) {
      const passed = await passing;
      return passed.ok ? ok('relayed') : passed;
    }
    const written = await writer.change(shard, (change) => this.#write(change, signal, body));
    return written.ok ? written.value : written;
  }

  async #write(change: Change, signal: WatchSignal, body: Uint8Array): Promise<Relayed> {
    const { sessions, held } = this.#parts;
    const { sessionId, type, connectionId, gatewayId } = signal;
    const { trx, now, tell } = change;
    const before = await sessions.live(sessionId, trx);
    const passage = passageOf(before, signal);
    if (!passage.ok) return passage;
    const { to, target, isFirst, isEarly, moves } = passage.value;
    if (before === undefined) return fail('internal', 'a session that is not there was let through');
    if ((target === null || isEarly) && !(await this.#hasRoom(change, sessionId, to, body))) {
      return fail('limit_exceeded', 'Too many signals are waiting for the other side.');
    }
    if (moves) {
      const viewer = { connectionId, gatewayId };
      await sessions.connectViewer(trx, sessionId, viewer, now);
      await releaseHeld(held, change, before, 'viewer', viewer);
    }
    if (isFirst) await sessions.described(trx, sessionId, type === 'offer' ? 'offer' : 'answer', now);
    if (target === null || isEarly) {
      await held.hold(trx, sessionId, to, { type, body }, isFirst);
      return ok('held');
    }
    tell(target.connectionId, { type: 'signal', sessionId, signal: type }, body);
    if (isFirst) await releaseHeld(held, change, described(before, passage.value, now), to, target);
    return ok('relayed');
  }

  async #hasRoom({ trx }: Change, sessionId: WatchSessionId, to: Role, body: Uint8Array): Promise<boolean> {
    const { held, limits } = this.#parts;
    const { count, bytes } = await held.size(trx, sessionId, to);
    return count < limits.heldSignals && bytes + body.length <= limits.heldBytes;
  }
}

function described(session: LiveSession, { to }: Passage, now: number): LiveSession {
  return to === 'device' ? { ...session, offeredAt: now } : { ...session, answeredAt: now };
}
