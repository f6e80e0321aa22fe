import {
  fail,
  newMemberId,
  ok,
  shardOf,
  type Outcome,
  type PartySession,
  type SessionId,
  type TransportErrorCode,
  type UserId,
} from '@parley/contracts';
import { addressKey } from '@parley/service';
import { hashOf, newHostToken } from './host-token.js';
import { opened } from './session.metrics.js';
import type { SessionOptions } from './session.options.js';
import type { SessionRepository } from './session.repository.js';
import { partySession } from './session.js';
import type { SessionWriter } from './session-writer.js';

export interface CreateRequest {
  readonly sessionId: SessionId;
  readonly userId?: UserId;
  readonly address: string;
  readonly name: string;
  readonly maxMembers?: number;
}

type CreateOutcome = Outcome<
  { readonly session: PartySession; readonly hostToken: string },
  'unauthenticated' | 'limit_exceeded' | 'conflict' | TransportErrorCode
>;

type Limits = Pick<
  SessionOptions,
  'defaultMembers' | 'maxMembers' | 'sessionsPerAccount' | 'sessionsPerAddress' | 'accountRequired'
>;

export class CreateSession {
  readonly #writer: SessionWriter;
  readonly #sessions: SessionRepository;
  readonly #limits: Limits;

  constructor(writer: SessionWriter, sessions: SessionRepository, limits: Limits) {
    this.#writer = writer;
    this.#sessions = sessions;
    this.#limits = limits;
  }

  async run(request: CreateRequest): Promise<CreateOutcome> {
    const { sessionId, userId } = request;
    const { maxMembers: most, accountRequired } = this.#limits;
    if (accountRequired && userId === undefined) return fail('unauthenticated', 'An account is required.');
    const maxMembers = request.maxMembers ?? Math.min(this.#limits.defaultMembers, most);
    if (maxMembers > most) {
      return fail('invalid', `A session has at most ${String(most)} members.`, { field: 'max_members' });
    }
    const hostToken = newHostToken();
    const { maker, limit } = this.#makerOf(request);
    const written = await this.#writer.change(sessionId, async ({ trx, now }): Promise<CreateOutcome> => {
      await this.#sessions.lockMaker(trx, maker);
      if ((await this.#sessions.countOf(trx, maker)) >= limit) {
        return fail('limit_exceeded', `At most ${String(limit)} sessions can be open at once.`);
      }
      const session = {
        id: sessionId,
        name: request.name,
        maxMembers,
        hostTokenHash: hashOf(hostToken),
        hostMemberId: newMemberId(),
        userId: userId ?? null,
        createdAt: now,
      };
      const inserted = await this.#sessions.insert(trx, session, shardOf(sessionId), maker);
      if (!inserted) return fail('conflict', 'There is such a session already.');
      return ok({ session: partySession(session, 0), hostToken });
    });
    if (!written.ok) return written;
    if (written.value.ok) opened.add(1);
    return written.value;
  }

  #makerOf({ userId, address }: CreateRequest): { readonly maker: string; readonly limit: number } {
    return userId === undefined
      ? { maker: `address ${addressKey(address)}`, limit: this.#limits.sessionsPerAddress }
      : { maker: `user ${userId}`, limit: this.#limits.sessionsPerAccount };
  }
}
