import { connectBus, type Bus, type EventSubscription, type Stoppable } from '@parley/bus';
import { loadOptions } from '@parley/config';
import {
  auth,
  compile,
  fail,
  newConnectionId,
  newGatewayId,
  newUserId,
  ok,
  presence,
  RoomId,
  roomEvent,
  rooms,
  type ConnectionId,
  type GatewayId,
  type Outcome,
  type RoomEvent,
  type UserId,
} from '@parley/contracts';
import { createDatabase, migrate, type Database } from '@parley/database';
import { createLogger } from '@parley/telemetry';
import { freshDatabase, startChild, startNats, waitFor, type Child, type TestNats } from '@parley/testing';
import type { Static } from '@sinclair/typebox';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { roomsOptions } from '../rooms.options.js';
import { RoomsReplica } from '../rooms-replica.js';
import type { RoomsTables } from '../rooms.tables.js';

const logger = createLogger('rooms', { level: 'silent' });
const migrations = new URL('../../migrations/', import.meta.url);
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const LEASE_TTL_MS = 1_500;
const roomIdCheck = compile(RoomId);

export type Environment = Readonly<Record<string, string>>;
export type JoinReply = Static<typeof rooms.join.reply>;

/** A connection of a user, as its gateway knows it. */
export interface Person {
  readonly userId: UserId;
  readonly connectionId: ConnectionId;
  readonly gatewayId: GatewayId;
  readonly username: string;
}

/** What was heard of a room, in the order of the stream. */
export interface Heard {
  readonly event: RoomEvent;
  readonly sequence: number;
  /** Of `operations`. */
  readonly texts: readonly string[];
}

/**
 * Replicas of the service within the test, or as processes, on a real NATS and a real database. Presence and auth are
 * played by the test.
 */
export class RoomsFixture {
  /** Who is not connected, if presence is asked. */
  readonly gone = new Set<ConnectionId>();
  readonly gatewayId = newGatewayId();
  readonly #users = new Set<UserId>();
  readonly #stops: (() => Promise<unknown>)[] = [];
  #now = 1_700_000_000_000;
  #frozen = false;

  private constructor(
    readonly nats: TestNats,
    readonly databaseUrl: string,
    readonly database: Database<RoomsTables>,
    readonly bus: Bus,
  ) {}

  static async start(): Promise<RoomsFixture> {
    const [nats, fresh] = await Promise.all([startNats(), freshDatabase()]);
    const database = createDatabase<RoomsTables>({ url: fresh.url, schema: 'rooms', logger });
    await migrate(database, migrations);
    const bus = await connectBus({ servers: nats.url, name: 'test', logger, leaseTtlMs: LEASE_TTL_MS });
    const fixture = new RoomsFixture(nats, fresh.url, database, bus);
    fixture.#stops.push(
      () => bus.close(),
      () => database.close(),
      () => fresh.drop(),
      () => nats.stop(),
    );
    fixture.#serve();
    await fixture.gateway(fixture.gatewayId);
    await bus.flush();
    return fixture;
  }

  /** Time stands still from now on, but for `pass`. */
  freeze(): void {
    this.#frozen = true;
  }

  now(): number {
    return this.#frozen ? this.#now : Date.now();
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  async replica(env: Environment = {}): Promise<RoomsReplica> {
    const database = createDatabase<RoomsTables>({ url: this.databaseUrl, schema: 'rooms', logger });
    const bus = await connectBus({ servers: this.nats.url, name: 'rooms', logger, leaseTtlMs: LEASE_TTL_MS });
    const options = loadOptions(roomsOptions, env);
    const clock = (): number => this.now();
    const parts = { bus, database, options, logger, instanceId: randomUUID(), clock, leaseTtlMs: LEASE_TTL_MS };
    const replica = new RoomsReplica(parts);
    const intake = await replica.start();
    await bus.flush();
    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      await Promise.all(intake.map((one) => one.stop()));
      await replica.close();
      await bus.close();
      await database.close();
    };
    this.#ends.set(replica, () => (stopping ??= stop()));
    this.#stops.unshift(() => this.end(replica));
    return replica;
  }

  readonly #ends = new Map<RoomsReplica, () => Promise<void>>();

  /** A graceful stop. */
  async end(replica: RoomsReplica): Promise<void> {
    await this.#ends.get(replica)?.();
  }

  /** Alone in the cluster: waits until every shard is its own. */
  async soleReplica(env: Environment = {}): Promise<RoomsReplica> {
    const replica = await this.replica(env);
    await waitFor(() => replica.leases.held().length === 64, 'all shards to be held', 15_000);
    return replica;
  }

  /** The real program, ready, for tests that kill it. */
  async process(env: Environment = {}): Promise<Child> {
    const child = await startChild({
      name: 'rooms',
      command: process.execPath,
      args: [main],
      env: {
        PARLEY_NATS_URL: this.nats.url,
        PARLEY_DATABASE_URL: this.databaseUrl,
        PARLEY_METRICS_HOST: '127.0.0.1',
        PARLEY_METRICS_PORT: '0',
        PARLEY_ANNOUNCE: '1',
        PARLEY_LOG_LEVEL: 'warn',
        ...env,
      },
    });
    this.#stops.unshift(() => child.stop());
    await child.line('the line of readiness', 20_000, (line) => (line.startsWith('{"ready":true') ? line : undefined));
    return child;
  }

  /** Alive until the test ends, or it is stopped. */
  async gateway(gatewayId: GatewayId): Promise<Stoppable> {
    const startedAt = Date.now();
    return valueOf(await this.bus.holdLease(() => ({ gatewayId, startedAt, draining: false, connections: 0 })));
  }

  person(userId = this.newUser()): Person {
    const username = `u${userId.slice(-12)}`;
    return { userId, connectionId: newConnectionId(), gatewayId: this.gatewayId, username };
  }

  newUser(): UserId {
    const userId = newUserId();
    this.#users.add(userId);
    return userId;
  }

  async room(
    owner: Person,
    content: unknown = '',
    more: { type?: 'json' | 'text' | 'rich-text'; public?: boolean; id?: string } = {},
  ): Promise<RoomId> {
    const roomId = asRoomId(more.id ?? `room-${randomUUID()}`);
    const made = { actorId: owner.userId, roomId, type: more.type ?? 'text', public: more.public ?? false };
    valueOf(await this.bus.call(rooms.create, made, { body: Buffer.from(JSON.stringify(content)) }));
    return roomId;
  }

  /** With a role in the room, and in it. */
  async member(owner: Person, roomId: RoomId, role: 'owner' | 'editor' | 'viewer' = 'editor'): Promise<Person> {
    const person = this.person();
    const { userId } = person;
    valueOf(await this.bus.call(rooms.setMember, { actorId: owner.userId, roomId, userId, role }));
    await this.join(person, roomId);
    return person;
  }

  tryJoin(person: Person, roomId: RoomId, more: { since?: number; replaces?: ConnectionId } = {}) {
    return this.bus.call(rooms.join, { roomId, ...person, ...more });
  }

  async join(person: Person, roomId: RoomId, more?: { since?: number; replaces?: ConnectionId }): Promise<JoinReply> {
    return valueOf(await this.tryJoin(person, roomId, more));
  }

  submit(
    { userId, connectionId }: Person,
    roomId: RoomId,
    baseVersion: number,
    operation: unknown,
    more: { id?: string; checksum?: string } = {},
  ) {
    const { id = randomUUID(), ...rest } = more;
    const request = { roomId, userId, connectionId, operationId: id, baseVersion, ...rest };
    return this.bus.call(rooms.submit, request, { body: Buffer.from(JSON.stringify(operation)) });
  }

  /** The version that it became. */
  async write(person: Person, roomId: RoomId, baseVersion: number, operation: unknown): Promise<number> {
    const reply = valueOf(await this.submit(person, roomId, baseVersion, operation));
    if (reply.result !== 'accepted') throw new Error(JSON.stringify(reply));
    return reply.version;
  }

  async content(actor: Person, roomId: RoomId): Promise<{ version: number; content: unknown; checksum: string }> {
    const room = valueOf(await this.bus.call(rooms.get, { actorId: actor.userId, roomId }));
    if (room.content.kind !== 'whole') throw new Error('too long for this');
    const content: unknown = JSON.parse(room.content.text);
    return { version: room.version, content, checksum: room.checksum };
  }

  async log(roomId: RoomId) {
    return this.database.kysely
      .selectFrom('operations')
      .selectAll()
      .where('room_id', '=', roomId)
      .orderBy('version')
      .execute();
  }

  /** Those that wrote the log, one for each operation. */
  async transactions(roomId: RoomId): Promise<string[]> {
    const { rows } = await sql<{ xmin: string }>`
      SELECT xmin::text AS xmin FROM operations WHERE room_id = ${roomId} ORDER BY version`.execute(
      this.database.kysely,
    );
    return rows.map(({ xmin }) => xmin);
  }

  /** Operations as the stream has them, in its order. */
  async announced(roomId: RoomId): Promise<Announced[]> {
    const heard: Heard[] = [];
    for (let after = 0; ;) {
      const subject = roomEvent.subject(roomId);
      const read = valueOf(await this.bus.read({ stream: 'EVENTS', subject, after, limit: 1_000 }));
      for (const raw of read.events) {
        const { payload, body } = roomEvent.decode(raw) ?? { payload: undefined, body: undefined };
        if (payload !== undefined)
          heard.push({ event: payload, sequence: raw.sequence, texts: textsOf(payload, body) });
      }
      after = read.events.at(-1)?.sequence ?? after;
      if (!read.more) return announcedIn(heard);
    }
  }

  /** While `work` runs, every commit to the log takes a second. It is given a question: does one wait now? */
  async slowly(work: (isSleeping: () => Promise<boolean>) => Promise<void>): Promise<void> {
    const { kysely } = this.database;
    await sql`CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(1); RETURN NEW; END'`.execute(kysely);
    await sql`CREATE TRIGGER slowly AFTER INSERT ON operations FOR EACH ROW EXECUTE FUNCTION slowly()`.execute(kysely);
    await work(async () => {
      const { rows } = await sql`SELECT FROM pg_stat_activity
        WHERE wait_event = 'PgSleep' AND datname = current_database()`.execute(kysely);
      return rows.length > 0;
    });
    await sql`DROP FUNCTION slowly CASCADE`.execute(kysely);
  }

  async listen(roomId: RoomId): Promise<{ readonly heard: Heard[]; readonly subscription: EventSubscription }> {
    const heard: Heard[] = [];
    const subscription = this.bus.subscribe(roomEvent.subject(roomId), (raw) => {
      const decoded = roomEvent.decode(raw);
      if (decoded === undefined) throw new Error('an event of a room does not fit its schema');
      heard.push({ event: decoded.payload, sequence: raw.sequence, texts: textsOf(decoded.payload, decoded.body) });
    });
    await this.bus.flush();
    return { heard, subscription };
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop();
  }

  #serve(): void {
    const { bus } = this;
    bus.serve(auth.getUser, ({ userId }) => {
      if (!this.#users.has(userId)) return Promise.resolve(fail('not_found', 'There is no such user.'));
      const username = `u${userId.slice(-12)}`;
      return Promise.resolve(ok({ id: userId, username, email: null, avatarUrl: null, createdAt: '2026-01-01' }));
    });
    bus.serve(presence.alive, ({ connections }) =>
      Promise.resolve(ok({ gone: connections.map((one) => one.connectionId).filter((id) => this.gone.has(id)) })),
    );
  }
}

export function asRoomId(text: string): RoomId {
  if (!roomIdCheck.is(text)) throw new Error(`no room id: ${text}`);
  return text;
}

export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.value;
}

export interface Announced {
  readonly version: number;
  readonly id: string;
  readonly text: string;
}

/** Operations as they were announced, in order. */
export function announcedIn(heard: readonly Heard[]): Announced[] {
  return heard.flatMap(({ event, texts }) =>
    event.type === 'operations'
      ? event.operations.map(({ version, id }, index) => ({ version, id, text: texts[index] ?? '' }))
      : [],
  );
}

function textsOf(event: RoomEvent, body: Uint8Array | undefined): string[] {
  if (event.type !== 'operations' || body === undefined) return [];
  let from = 0;
  return event.operations.map(({ length }) => Buffer.from(body.subarray(from, (from += length))).toString());
}
