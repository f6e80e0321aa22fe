import type { SessionId } from '@parley/contracts';
import { shardOf } from '@parley/contracts';
import type { Clock } from './clock.js';
import type { CloseSession } from './close-session.js';
import type { MemberRepository } from './member.repository.js';
import type { RemoveMember } from './remove-member.js';
import type { SessionOptions } from './session.options.js';
import type { SessionRepository } from './session.repository.js';
import type { Change, SessionWriter } from './session-writer.js';
import type { StatusNews } from './status-news.js';
import type { Steadiness } from './steadiness.js';

/** Of each kind, in one pass of one shard; what is left is found by the next. */
const BATCH = 200;

export interface ExpireParts {
  readonly writer: SessionWriter;
  readonly sessions: SessionRepository;
  readonly members: MemberRepository;
  readonly remove: RemoveMember;
  readonly close: CloseSession;
  readonly news: StatusNews;
  readonly steadiness: Steadiness;
  readonly clock: Clock;
  readonly times: Pick<SessionOptions, 'reconnectMs' | 'graceMs' | 'hostGraceMs' | 'idleMs'>;
}

/** Takes away places that were held long enough, and ends sessions whose host, or everybody, is gone. */
export class Expire {
  readonly #parts: ExpireParts;

  constructor(parts: ExpireParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { members, sessions, steadiness, clock, times } = this.#parts;
    const shards = steadiness.shards();
    if (shards.length === 0) return;
    const soonest = Math.min(times.reconnectMs, times.graceMs, times.hostGraceMs);
    for (const shard of await members.shardsOverdue(shards, clock() - soonest)) await this.#places(shard);
    for (const id of await sessions.idle(shards, clock() - times.idleMs, BATCH)) await this.#idle(id);
  }

  async #places(shard: number): Promise<void> {
    const { writer, news } = this.#parts;
    const changed = await writer.changeShard(shard, async (change) => {
      await this.#closeHostless(change, shard);
      await this.#removeLost(change, shard);
      return this.#giveUp(change, shard);
    });
    if (changed.ok) for (const id of changed.value) news.changed(id);
  }

  async #closeHostless(change: Change, shard: number): Promise<void> {
    const { members, close, times } = this.#parts;
    const lostBefore = change.now - times.hostGraceMs;
    const hosts = await members.overdue(change.trx, shard, { isHost: true, lostBefore }, BATCH);
    for (const { sessionId } of hosts) await close.within(change, sessionId, 'host_gone');
  }

  async #removeLost(change: Change, shard: number): Promise<void> {
    const { members, remove, times } = this.#parts;
    const lostBefore = change.now - times.graceMs;
    const lost = await members.overdue(change.trx, shard, { isHost: false, lostBefore }, BATCH);
    await remove.within(change, lost, 'timeout');
  }

  async #giveUp(change: Change, shard: number): Promise<readonly SessionId[]> {
    const { members, sessions, times } = this.#parts;
    const given = await members.giveUp(change.trx, shard, change.now - times.reconnectMs, BATCH);
    await sessions.touch(change.trx, given, change.now, true);
    return given;
  }

  async #idle(id: SessionId): Promise<void> {
    const { writer, sessions, close, times } = this.#parts;
    await writer.changeShard(shardOf(id), async (change) => {
      if ((await sessions.lock(change.trx, id)) === undefined) return;
      if (await sessions.isIdle(change.trx, id, change.now - times.idleMs)) await close.within(change, id, 'idle');
    });
  }
}
