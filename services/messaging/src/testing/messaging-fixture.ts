import { connectBus, type Bus, type StreamLimits } from '@parley/bus';
import { loadOptions } from '@parley/config';
import { auth, fail, newUserId, ok, type User, type UserId } from '@parley/contracts';
import { createDatabase, migrate, ShardLeases, type Database } from '@parley/database';
import { startNest } from '@parley/service';
import { createLogger } from '@parley/telemetry';
import { freshDatabase, startChild, startNats, waitFor, type Child, type TestNats } from '@parley/testing';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ChatPart } from '../chat/chat-part.js';
import { DirectUpkeep } from '../direct-upkeep.js';
import { MessagingHandlers } from '../messaging.handlers.js';
import { messagingModule, topicRules } from '../messaging.module.js';
import { messagingOptions } from '../messaging.options.js';
import type { MessagingTables } from '../messaging.tables.js';
import { serveMessaging } from '../serve-messaging.js';
import { FakeGateway } from './fake-gateway.js';

const migrations = new URL('../../migrations/', import.meta.url);
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const LEASE_TTL_MS = 1_500;

export type Environment = Readonly<Record<string, string>>;

export interface Replica {
  readonly leases: ShardLeases<MessagingTables>;
  readonly upkeep: DirectUpkeep;
  stop(): Promise<void>;
}

/** A real nats-server, a database of its own, an auth service that knows whom the test made, and what the test starts. */
export class MessagingFixture {
  readonly #stops: (() => Promise<unknown>)[] = [];
  readonly #users = new Set<UserId>();
  lookups = 0;

  private constructor(
    readonly nats: TestNats,
    readonly databaseUrl: string,
    readonly database: Database<MessagingTables>,
    /** What a gateway would ask with. */
    readonly bus: Bus,
    private readonly leaseTtlMs: number,
  ) {}

  /** `leaseTtlMs`: of gateways and shards; separate processes know no other than the real one. */
  static async start(leaseTtlMs = LEASE_TTL_MS): Promise<MessagingFixture> {
    const nats = await startNats();
    const fresh = await freshDatabase();
    const database = createDatabase<MessagingTables>({
      url: fresh.url,
      schema: 'messaging',
      logger: createLogger('test', { level: 'silent' }),
    });
    await migrate(database, migrations);
    const bus = await connect(nats.url, 'asking', leaseTtlMs);
    await bus.watchLeases({ joined: () => undefined, lost: () => undefined });
    const fixture = new MessagingFixture(nats, fresh.url, database, bus, leaseTtlMs);
    fixture.#stops.push(
      () => bus.close(),
      () => database.close(),
      () => fresh.drop(),
      () => nats.stop(),
    );
    await fixture.#serveUsers();
    return fixture;
  }

  newUser(): UserId {
    const userId = newUserId();
    this.#users.add(userId);
    return userId;
  }

  /** An account that comes later than its id. */
  addUser(userId: UserId): void {
    this.#users.add(userId);
  }

  async replica(env: Environment = {}): Promise<Replica> {
    const options = loadOptions(messagingOptions, env);
    const logger = createLogger('messaging', { level: 'silent' });
    const { messages, seconds } = topicRules(options).largestHistory();
    const bus = await connect(this.nats.url, 'messaging', this.leaseTtlMs, {
      maxPerSubject: messages,
      maxAgeMs: seconds * 1_000,
    });
    const database = createDatabase<MessagingTables>({ url: this.databaseUrl, schema: 'messaging', logger });
    const leases = new ShardLeases(database, {
      instanceId: randomUUID(),
      logger,
      ttlMs: this.leaseTtlMs,
      renewMs: this.leaseTtlMs / 3,
    });
    const context = { bus, options, logger, database, leases };
    const closers: (() => Promise<void>)[] = [];
    const onClose = (_: string, close: () => Promise<void>): void => void closers.push(close);
    const nest = await startNest({ logger, onClose }, messagingModule(context));
    const [upkeep, chat] = [nest.get(DirectUpkeep), nest.get(ChatPart)];
    const intake = await serveMessaging(context, nest.get(MessagingHandlers), upkeep, chat);
    await bus.flush();
    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      await Promise.all(intake.map((one) => one.stop()));
      await Promise.all([upkeep.stop(), chat.stop()]);
      await Promise.all(closers.map((close) => close()));
      await bus.close();
      await database.close();
    };
    const replica = { leases, upkeep, stop: () => (stopping ??= stop()) };
    this.#stops.unshift(replica.stop);
    return replica;
  }

  /** Alone in the cluster: waits until every shard is its own. */
  async soleReplica(env: Environment = {}): Promise<Replica> {
    const replica = await this.replica(env);
    await waitFor(() => replica.leases.held().length === 64, 'all shards to be held', 15_000);
    return replica;
  }

  /** The real program, ready, for tests that kill it. */
  async process(): Promise<Child> {
    const child = await this.spawn();
    await child.line('the line of readiness', 20_000, (line) => (line.startsWith('{"ready":true') ? line : undefined));
    return child;
  }

  async spawn(env: Environment = {}): Promise<Child> {
    const child = await startChild({
      name: 'messaging',
      command: process.execPath,
      args: [main],
      env: {
        PARLEY_NATS_URL: this.nats.url,
        PARLEY_DATABASE_URL: this.databaseUrl,
        PARLEY_METRICS_HOST: '127.0.0.1',
        PARLEY_METRICS_PORT: '0',
        PARLEY_ANNOUNCE: '1',
        ...env,
      },
    });
    this.#stops.unshift(() => child.stop());
    return child;
  }

  async gateway(): Promise<FakeGateway> {
    const bus = await connect(this.nats.url, 'gateway', this.leaseTtlMs);
    const gateway = await FakeGateway.start(bus);
    this.#stops.unshift(() => gateway.stop());
    return gateway;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop();
  }

  async #serveUsers(): Promise<void> {
    const bus = await connect(this.nats.url, 'auth', this.leaseTtlMs);
    bus.serve(auth.getUser, ({ userId }) => {
      this.lookups++;
      if (!this.#users.has(userId)) return Promise.resolve(fail('not_found', 'There is no such user.'));
      return Promise.resolve(ok(account(userId)));
    });
    bus.serve(auth.findUser, ({ username }) => {
      const found = [...this.#users].find((userId) => usernameOf(userId) === username);
      return Promise.resolve(found === undefined ? fail('not_found', 'There is no such user.') : ok(account(found)));
    });
    await bus.flush();
    this.#stops.unshift(() => bus.close());
  }
}

export function usernameOf(userId: UserId): string {
  return `u${userId.slice(-12)}`;
}

function account(userId: UserId): User {
  return { id: userId, username: usernameOf(userId), email: null, avatarUrl: null, createdAt: '2026-01-01' };
}

function connect(servers: string, name: string, leaseTtlMs: number, topics: StreamLimits = {}): Promise<Bus> {
  const logger = createLogger(name, { level: 'silent' });
  return connectBus({ servers, name, logger, topics, leaseTtlMs });
}
