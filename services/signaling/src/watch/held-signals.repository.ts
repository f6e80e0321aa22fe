import type { SignalType, WatchSessionId } from '@parley/contracts';
import { sql } from 'kysely';
import type { SignalingTransaction } from '../signaling.tables.js';
import type { Role } from './watch.tables.js';

export interface HeldSignal {
  readonly type: SignalType;
  readonly body: Uint8Array;
}

/** Signals that wait for their receiver, or for the SDP that they belong to. */
export class HeldSignals {
  async size(
    trx: SignalingTransaction,
    sessionId: WatchSessionId,
    to: Role,
  ): Promise<{ count: number; bytes: number }> {
    const { rows } = await sql<{ count: number; bytes: number }>`
      SELECT count(*) AS count, coalesce(sum(octet_length(body)), 0)::bigint AS bytes FROM held_signals
      WHERE session_id = ${sessionId} AND to_role = ${to}
    `.execute(trx);
    return rows[0] ?? { count: 0, bytes: 0 };
  }

  /** Whether the first SDP waits: then its receiver has heard nothing of the session but, perhaps, that there is one. */
  async hasFirst(trx: SignalingTransaction, sessionId: WatchSessionId, to: Role): Promise<boolean> {
    const first = await trx
      .selectFrom('held_signals')
      .select('place')
      .where('session_id', '=', sessionId)
      .where('to_role', '=', to)
      .where('place', '=', 0)
      .executeTakeFirst();
    return first !== undefined;
  }

  /** `isFirst`: the first SDP, which goes before the candidates that came before it. */
  async hold(
    trx: SignalingTransaction,
    sessionId: WatchSessionId,
    to: Role,
    { type, body }: HeldSignal,
    isFirst: boolean,
  ): Promise<void> {
    const place = isFirst ? sql`0` : sql`nextval('held_signal_order')`;
    await sql`
      INSERT INTO held_signals (session_id, to_role, place, type, body)
      VALUES (${sessionId}, ${to}, ${place}, ${type}, ${Buffer.from(body)})
    `.execute(trx);
  }

  /** In order, and held no more. */
  async take(trx: SignalingTransaction, sessionId: WatchSessionId, to: Role): Promise<readonly HeldSignal[]> {
    const rows = await trx
      .deleteFrom('held_signals')
      .where('session_id', '=', sessionId)
      .where('to_role', '=', to)
      .returning(['place', 'type', 'body'])
      .execute();
    return [...rows].sort((a, b) => a.place - b.place).map(({ type, body }) => ({ type, body }));
  }

  async drop(trx: SignalingTransaction, sessionIds: readonly WatchSessionId[]): Promise<void> {
    await trx
      .deleteFrom('held_signals')
      .where(sql<boolean>`session_id = ANY(${[...sessionIds]}::uuid[])`)
      .execute();
  }
}
