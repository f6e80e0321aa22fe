import { connectBus, type Bus } from '@parley/bus';
import { loadOptions } from '@parley/config';
import {
  newConnectionId,
  newGatewayId,
  newSessionId,
  newUserId,
  partyEvent,
  sessions,
  type ConnectionId,
  type DeviceInfo,
  type GatewayId,
  type MemberId,
  type Outcome,
  type PartyMember,
  type PartySession,
  type SessionId,
  type UserId,
} from '@parley/contracts';
import { createDatabase, migrate, type Database } from '@parley/database';
import { createLogger } from '@parley/telemetry';
import { freshDatabase, startNats, waitFor, type TestNats } from '@parley/testing';
import type { Static } from '@sinclair/typebox';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { sessionOptions } from '../session.options.js';
import { SessionReplica } from '../session-replica.js';
import type { SessionTables } from '../session.tables.js';
import { FakePresence } from './fake-presence.js';

const logger = createLogger('session', { level: 'silent' });

export type PartyNews = Static<typeof partyEvent.payload>;
type NewsOf<T extends PartyNews['type']> = Extract<PartyNews, { readonly type: T }>;

export interface Guest {
  readonly device: DeviceInfo;
  readonly connectionId: ConnectionId;
  readonly gatewayId: GatewayId;
  readonly userId: UserId;
  readonly guest: boolean;
}

export interface Party {
  readonly id: SessionId;
  readonly hostToken: string;
  readonly session: PartySession;
}

/**
 * Replicas of the service within the test, on a real NATS and a real database, with a clock that only the test moves on.
 * Gateways and presence are played by the test.
 */
export class SessionFixture {
  readonly presence: FakePresence;
  /** Everything announced of each session, in the order of the stream. */
  readonly #heard = new Map<string, { readonly news: PartyNews; readonly sequence: number }[]>();
  readonly #ends: (() => Promise<unknown>)[] = [];
  readonly #env: Readonly<Record<string, string>>;
  #now = 1_700_000_000_000;

  private constructor(
    readonly nats: TestNats,
    readonly bus: Bus,
    readonly databaseUrl: string,
    env: Readonly<Record<string, string>>,
  ) {
    this.#env = { PARLEY_SESSION_SWEEP_MS: '50', PARLEY_SESSION_ROLL_CALL_MS: '100', ...env };
    this.presence = new FakePresence(bus);
    bus.subscribe(partyEvent.subject('*'), (event) => {
      const news = partyEvent.decode(event)?.payload;
      if (news === undefined) throw new Error('not news of a party');
      const list = this.#heard.get(event.id) ?? [];
      this.#heard.set(event.id, [...list, { news, sequence: event.sequence }]);
    });
  }

  static async start(env: Readonly<Record<string, string>> = {}, replicas = 1): Promise<SessionFixture> {
    const [nats, fresh] = await Promise.all([startNats(), freshDatabase()]);
    const bus = await connectBus({ servers: nats.url, name: 'test', logger });
    const fixture = new SessionFixture(nats, bus, fresh.url, env);
    fixture.#ends.push(
      () => fresh.drop(),
      () => nats.stop(),
      () => bus.close(),
    );
    for (let i = 0; i < replicas; i++) await fixture.#replica();
    await fixture.#untilShared(replicas);
    // Nobody loses a place before the service has been there for a while.
    fixture.pass(60_000);
    return fixture;
  }

  /** Until every replica has its part of the sessions. */
  async #untilShared(replicas: number): Promise<void> {
    const database = createDatabase<object>({ url: this.databaseUrl, schema: 'session', logger });
    const even = async (): Promise<boolean> => {
      const { rows } = await sql<{ shards: number }>`
        SELECT count(*) AS shards FROM shard_leases WHERE expires_at > now() GROUP BY owner
      `.execute(database.kysely);
      return rows.length === replicas && rows.every(({ shards }) => shards === 64 / replicas);
    };
    await waitFor(even, 'the shards to be shared', 20_000);
    await database.close();
  }

  async #replica(): Promise<void> {
    const database: Database<SessionTables> = createDatabase({ url: this.databaseUrl, schema: 'session', logger });
    await migrate(database, new URL('../../migrations/', import.meta.url));
    const bus = await connectBus({ servers: this.nats.url, name: 'session', logger });
    const options = loadOptions(sessionOptions, this.#env);
    const clock = (): number => this.#now;
    const replica = new SessionReplica({ bus, database, options, logger, instanceId: randomUUID(), clock });
    const intake = await replica.start();
    this.#ends.push(async () => {
      await Promise.all(intake.map((stoppable) => stoppable.stop()));
      await replica.close();
      await bus.close();
      await database.close();
    });
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }

  now(): number {
    return this.#now;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  async party(over: { maxMembers?: number; userId?: UserId } = {}): Promise<Party> {
    const sessionId = newSessionId();
    const request = { sessionId, name: 'The Party', address: '192.0.2.7', ...over };
    const { session, hostToken } = valueOf(await this.bus.call(sessions.create, request));
    return { id: sessionId, hostToken, session };
  }

  ask(party: Pick<Party, 'id'>, guest: Guest, hostToken?: string) {
    const request = { sessionId: party.id, ...guest, ...(hostToken === undefined ? {} : { hostToken }) };
    return this.bus.call(sessions.join, request);
  }

  /** Joins, and must get in. */
  async join(party: Pick<Party, 'id'>, guest: Guest, hostToken?: string) {
    const joined = valueOf(await this.ask(party, guest, hostToken));
    if (joined.result !== 'joined') throw new Error(joined.result);
    return joined;
  }

  async host(party: Party): Promise<Guest> {
    const host = aGuest('host');
    await this.join(party, host, party.hostToken);
    return host;
  }

  async lose(party: Pick<Party, 'id'>, { connectionId }: Guest, why: 'gone' | 'timeout' | 'error' = 'gone') {
    valueOf(await this.bus.call(sessions.lost, { sessionId: party.id, connectionId, why }));
  }

  async members(party: Pick<Party, 'id'>): Promise<readonly PartyMember[]> {
    return valueOf(await this.bus.call(sessions.members, { sessionId: party.id })).members;
  }

  async status(party: Pick<Party, 'id'>, memberId: MemberId): Promise<string> {
    return (await this.members(party)).find(({ id }) => id === memberId)?.connectionStatus ?? 'no member';
  }

  heard(party: Pick<Party, 'id'>): readonly PartyNews[] {
    return (this.#heard.get(party.id) ?? []).map(({ news }) => news);
  }

  /** Of the events up to that place in the stream. */
  heardUpTo(party: Pick<Party, 'id'>, sequence: number): readonly PartyNews[] {
    return (this.#heard.get(party.id) ?? []).filter((one) => one.sequence <= sequence).map(({ news }) => news);
  }

  async untilHeard<T extends PartyNews['type']>(
    party: Pick<Party, 'id'>,
    type: T,
    fits: (news: NewsOf<T>) => boolean = () => true,
  ): Promise<NewsOf<T>> {
    const isOfType = (news: PartyNews): news is NewsOf<T> => news.type === type;
    const find = () => this.heard(party).find((news) => isOfType(news) && fits(news));
    await waitFor(() => find() !== undefined, `${type} to be announced`, 5_000);
    const found = find();
    if (found === undefined || !isOfType(found)) throw new Error(type);
    return found;
  }
}

export function aGuest(type: 'host' | 'client' = 'client', over: Partial<Guest> = {}): Guest {
  return {
    device: { id: randomUUID(), name: 'A Phone', type },
    connectionId: newConnectionId(),
    gatewayId: newGatewayId(),
    userId: newUserId(),
    guest: true,
    ...over,
  };
}

/** The same device by another connection. */
export function again(guest: Guest): Guest {
  return { ...guest, connectionId: newConnectionId(), userId: guest.guest ? newUserId() : guest.userId };
}

export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.value;
}
