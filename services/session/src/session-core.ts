import type { GatewayId } from '@parley/contracts';
import type { Database, Outbox, ShardLeases } from '@parley/database';
import type { Clock } from './clock.js';
import { CloseSession } from './close-session.js';
import { CreateSession } from './create-session.js';
import { Expire } from './expire.js';
import { JoinSession } from './join-session.js';
import { KickMember } from './kick-member.js';
import { Latencies } from './latencies.js';
import { LeaveSession } from './leave-session.js';
import { LoseConnections } from './lose-connections.js';
import { MemberRepository } from './member.repository.js';
import type { Positions } from './positions.js';
import { ReadSessions } from './read-sessions.js';
import { RemoveMember } from './remove-member.js';
import { RollCall, type AskGone } from './roll-call.js';
import type { SessionOptions } from './session.options.js';
import { SessionRepository } from './session.repository.js';
import type { SessionTables } from './session.tables.js';
import { SessionWriter } from './session-writer.js';
import { StatusNews } from './status-news.js';
import { Steadiness } from './steadiness.js';

export interface CoreParts {
  readonly database: Database<SessionTables>;
  readonly leases: ShardLeases<SessionTables>;
  readonly outbox: Outbox<SessionTables>;
  readonly positions: Positions;
  readonly askGone: AskGone;
  /** Is there a connection to the bus? */
  readonly connected: () => boolean;
  readonly options: SessionOptions;
  readonly clock: Clock;
}

/** Everything that the service does, put together; what asks for it is elsewhere. */
export class SessionCore {
  readonly create: CreateSession;
  readonly read: ReadSessions;
  readonly close: CloseSession;
  readonly kick: KickMember;
  readonly join: JoinSession;
  readonly leave: LeaveSession;
  readonly lose: LoseConnections;
  readonly latencies: Latencies;
  readonly steadiness: Steadiness;
  readonly news: StatusNews;
  readonly expire: Expire;
  readonly rollCall: RollCall;
  readonly #sessions: SessionRepository;
  readonly #members: MemberRepository;
  readonly #held: () => readonly number[];

  constructor({ database, leases, outbox, positions, askGone, connected, options, clock }: CoreParts) {
    const held = (): readonly number[] => leases.held();
    const sessions = new SessionRepository(database);
    const members = new MemberRepository(database);
    const writer = new SessionWriter(database, leases, outbox, clock);
    const latencies = new Latencies(clock);
    const remove = new RemoveMember(sessions, members, latencies);
    const news = new StatusNews(writer, sessions, members, latencies, held);
    const lose = new LoseConnections({ writer, sessions, members, remove, news, latencies });
    const close = new CloseSession(writer, sessions, members);
    const steadiness = new Steadiness(options.settleMs, clock, held, connected);
    const { accountRequired } = options;
    this.create = new CreateSession(writer, sessions, options);
    this.read = new ReadSessions(sessions, members, latencies);
    this.close = close;
    this.kick = new KickMember(writer, sessions, members, remove);
    this.join = new JoinSession({
      writer,
      sessions,
      members,
      lose,
      remove,
      news,
      latencies,
      positions,
      accountRequired,
    });
    this.leave = new LeaveSession(writer, sessions, members, remove, close);
    this.lose = lose;
    this.latencies = latencies;
    this.steadiness = steadiness;
    this.news = news;
    this.expire = new Expire({ writer, sessions, members, remove, close, news, steadiness, clock, times: options });
    this.rollCall = new RollCall(members, lose, askGone, steadiness, clock);
    this.#sessions = sessions;
    this.#members = members;
    this.#held = held;
  }

  /** Its members' places are held from now on, in the sessions that this replica owns. */
  async gatewayLost(gatewayId: GatewayId): Promise<void> {
    const sessions = await this.#members.sessionsOn(gatewayId, this.#held());
    await Promise.all(sessions.map((sessionId) => this.lose.allOn(gatewayId, sessionId)));
  }

  population(): Promise<{ readonly sessions: number; readonly members: number }> {
    return this.#sessions.population(this.#held());
  }
}
