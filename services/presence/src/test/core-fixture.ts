import { loadOptions } from '@parley/config';
import {
  compile,
  gatewayCommand,
  newGatewayId,
  ok,
  Presence,
  presenceChanged,
  shardOf,
  splitEnvelope,
  type ConnectionId,
  type GatewayId,
  type UserId,
} from '@parley/contracts';
import { createDatabase, migrate, Outbox, ShardLeases, type Database } from '@parley/database';
import { createLogger } from '@parley/telemetry';
import { freshDatabase, waitFor } from '@parley/testing';
import { randomUUID } from 'node:crypto';
import { PresenceCore } from '../presence-core.js';
import { presenceOptions } from '../presence.options.js';
import type { PresenceTables } from '../presence.tables.js';
import { TestGateway } from './test-gateway.js';

const presenceCheck = compile(Presence);
const commandCheck = compile(gatewayCommand.payload);
const LEASE_TTL_MS = 6_000;

/** The core on a real database, with a clock and a bus that the test holds in its hands. */
export class CoreFixture {
  now = 1_700_000_000_000;
  /** Statements sent in transactions so far, without BEGIN and COMMIT. */
  statements = 0;
  readonly living = new Set<GatewayId>();
  readonly lostAnnounced: GatewayId[] = [];
  /** What was announced, in order. */
  readonly announced: Presence[] = [];
  /** Connections that gateways were told to end, in order. */
  readonly commands: { readonly to: string; readonly connectionId: ConnectionId }[] = [];
  readonly core: PresenceCore;
  readonly #outbox: Outbox<PresenceTables>;
  readonly #stops: (() => Promise<void>)[] = [];

  private constructor(
    readonly database: Database<PresenceTables>,
    readonly leases: ShardLeases<PresenceTables>,
    env: Readonly<Record<string, string>>,
  ) {
    this.#outbox = new Outbox(database, {
      publish: (subject, data) => {
        const head = splitEnvelope(data)?.head;
        if (subject.startsWith(presenceChanged.ingress('')) && presenceCheck.is(head)) this.announced.push(head);
        if (subject.startsWith(gatewayCommand.ingress('')) && commandCheck.is(head)) {
          this.commands.push({ to: subject.slice(gatewayCommand.ingress('').length), connectionId: head.connectionId });
        }
        return Promise.resolve(ok({}));
      },
      leases,
      logger: createLogger('presence', { level: 'silent' }),
    });
    const counted = database.kysely.withPlugin({
      transformQuery: ({ node }) => {
        this.statements++;
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    });
    this.core = new PresenceCore({
      database: { ...database, transaction: (work) => counted.transaction().execute(work) },
      leases,
      outbox: this.#outbox,
      roster: {
        living: () => this.living,
        announceLost: (gatewayId) => {
          this.lostAnnounced.push(gatewayId);
          return Promise.resolve(true);
        },
      },
      options: loadOptions(presenceOptions, env),
      clock: () => this.now,
      leaseTtlMs: LEASE_TTL_MS,
    });
    this.#stops.push(() => this.#outbox.stop());
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<CoreFixture> {
    const logger = createLogger('presence', { level: 'silent' });
    const fresh = await freshDatabase();
    const database = createDatabase<PresenceTables>({ url: fresh.url, schema: 'presence', logger });
    await migrate(database, new URL('../../migrations/', import.meta.url));
    const leases = new ShardLeases(database, { instanceId: randomUUID(), logger });
    const fixture = new CoreFixture(database, leases, env);
    fixture.core.steadiness.busConnected();
    await leases.start({
      acquired: (shard) => {
        fixture.core.steadiness.acquired(shard);
        return Promise.resolve();
      },
      lost: () => Promise.resolve(),
    });
    await waitFor(() => leases.held().length === 64, 'all shards to be held');
    fixture.#stops.push(
      () => leases.stop(),
      () => database.close(),
      () => fresh.drop(),
    );
    fixture.pass(LEASE_TTL_MS);
    return fixture;
  }

  pass(ms: number): void {
    this.now += ms;
  }

  /** Time passes and graces end. */
  async sweepAfter(ms: number): Promise<void> {
    this.pass(ms);
    await this.core.endGrace.run();
  }

  gateway(): TestGateway {
    const gateway = new TestGateway(newGatewayId(), (report) => this.core.report.run(report));
    this.living.add(gateway.gatewayId);
    return gateway;
  }

  /** What was announced of a user, in order, once all of it has left the outbox. */
  async heardOf(userId: UserId): Promise<readonly Presence[]> {
    await this.#outbox.publishLeftovers(shardOf(userId));
    return this.announced.filter((one) => one.userId === userId);
  }

  /** Which connections of this user's shard gateways were told to end, once all of it has left the outbox. */
  async toldToEnd(userId: UserId): Promise<CoreFixture['commands']> {
    await this.#outbox.publishLeftovers(shardOf(userId));
    return this.commands;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop();
  }
}
