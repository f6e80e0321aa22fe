import { connectBus, type Bus, type EventSubscription } from '@parley/bus';
import { loadOptions } from '@parley/config';
import {
  auth,
  compile,
  DeviceId,
  devices,
  fail,
  gatewayLost,
  GATEWAY_LOST_ID,
  newConnectionId,
  newGatewayId,
  newMessageId,
  newUserId,
  ok,
  presence,
  watch,
  watchEvent,
  type ConnectionId,
  type GatewayId,
  type Outcome,
  type SignalType,
  type UserId,
  type WatchSessionId,
} from '@parley/contracts';
import { createDatabase, migrate, type Database } from '@parley/database';
import { createLogger } from '@parley/telemetry';
import { freshDatabase, startNats, waitFor, type TestNats } from '@parley/testing';
import type { Static } from '@sinclair/typebox';
import { randomUUID } from 'node:crypto';
import { signalingOptions } from '../signaling.options.js';
import { SignalingReplica } from '../signaling-replica.js';
import type { SignalingTables } from '../signaling.tables.js';

const logger = createLogger('signaling', { level: 'silent' });
const deviceIdCheck = compile(DeviceId);

export type Told = Static<typeof watchEvent.payload> & { readonly body?: string };

/** One end of a watch session: a connection, and what it is told. */
export class Party {
  readonly connectionId = newConnectionId();
  readonly told: Told[] = [];
  readonly #subscription: EventSubscription;

  constructor(
    bus: Bus,
    readonly gatewayId: GatewayId,
  ) {
    this.#subscription = bus.subscribe(watchEvent.subject(this.connectionId), (event) => {
      const news = watchEvent.decode(event);
      if (news === undefined) return;
      this.told.push({
        ...news.payload,
        ...(news.body === undefined ? {} : { body: Buffer.from(news.body).toString() }),
      });
    });
  }

  get link(): { connectionId: ConnectionId; gatewayId: GatewayId } {
    return { connectionId: this.connectionId, gatewayId: this.gatewayId };
  }

  /** In short: `requested`, `signal ice <body>`, `ended timeout`, … */
  get heard(): readonly string[] {
    return this.told.map((one) => {
      switch (one.type) {
        case 'signal':
          return `${one.signal} ${one.body ?? ''}`;
        case 'ended':
        case 'closed':
          return `${one.type} ${one.reason}`;
        case 'presence':
          return `presence ${JSON.stringify(one.presence)}`;
        case 'requested':
          return 'requested';
      }
    });
  }

  async until(...heard: readonly string[]): Promise<void> {
    try {
      await waitFor(() => this.heard.length >= heard.length, 'news', 8_000);
    } catch {
      throw new Error(`waited for ${heard.join(', ')}; heard ${this.heard.join(', ')}`);
    }
  }

  stop(): void {
    this.#subscription.unsubscribe();
  }
}

/**
 * A replica of the service within the test, on a real NATS and a real database, with a clock that only the test moves on.
 * Auth and presence are played by the test, on the bus.
 */
export class WatchFixture {
  readonly users = new Set<UserId>();
  readonly banned = new Set<UserId>();
  /** How often presence was asked who is gone. */
  aliveAsked = 0;
  /** Connections that presence knows to be gone. */
  readonly gone = new Set<ConnectionId>();
  readonly #ends: (() => Promise<unknown>)[] = [];
  readonly #parties: Party[] = [];
  readonly #env: Readonly<Record<string, string>>;
  #now = 1_700_000_000_000;

  private constructor(
    readonly nats: TestNats,
    readonly bus: Bus,
    readonly database: Database<SignalingTables>,
    readonly databaseUrl: string,
    env: Readonly<Record<string, string>>,
  ) {
    this.#env = {
      PARLEY_WATCH_SWEEP_MS: '50',
      PARLEY_WATCH_ROLL_CALL_MS: '100',
      PARLEY_TURN_URLS: 'turn:turn.example.org:3478',
      PARLEY_TURN_SECRET: 'a test secret',
      ...env,
    };
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<WatchFixture> {
    const [nats, fresh] = await Promise.all([startNats(), freshDatabase()]);
    const bus = await connectBus({ servers: nats.url, name: 'test', logger });
    const database: Database<SignalingTables> = createDatabase({ url: fresh.url, schema: 'signaling', logger });
    await migrate(database, new URL('../../migrations/', import.meta.url));
    const fixture = new WatchFixture(nats, bus, database, fresh.url, env);
    fixture.#ends.push(
      () => fresh.drop(),
      () => nats.stop(),
      () => bus.close(),
      () => database.close(),
    );
    fixture.#playOthers();
    await fixture.#replica();
    return fixture;
  }

  now(): number {
    return this.#now;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  user(): UserId {
    const id = newUserId();
    this.users.add(id);
    return id;
  }

  party(gatewayId: GatewayId = newGatewayId()): Party {
    const party = new Party(this.bus, gatewayId);
    this.#parties.push(party);
    return party;
  }

  async device(ownerId: UserId, id: string, authentication: 'key' | 'none' = 'none') {
    const deviceId = asDeviceId(id);
    const request = { actorId: ownerId, deviceId, name: id, auth: authentication };
    const { key } = valueOf(await this.bus.call(devices.register, request));
    return { deviceId, key };
  }

  async connect(deviceId: DeviceId, party = this.party()): Promise<Party> {
    valueOf(await this.bus.call(devices.connect, { deviceId, ...party.link }));
    return party;
  }

  request(deviceId: DeviceId, userId: UserId, viewer: Party) {
    return this.bus.call(watch.request, { deviceId, userId, ...viewer.link });
  }

  async ready(deviceId: DeviceId, userId: UserId, viewer: Party): Promise<WatchSessionId> {
    const answer = valueOf(await this.request(deviceId, userId, viewer));
    if (answer.result !== 'ready') throw new Error(answer.result);
    return answer.sessionId;
  }

  fromViewer(sessionId: WatchSessionId, userId: UserId, { link }: Party, type: SignalType, body: string) {
    const from = { role: 'viewer' as const, userId };
    return this.bus.call(watch.signal, { sessionId, from, ...link, type }, { body: Buffer.from(body) });
  }

  fromDevice(sessionId: WatchSessionId, deviceId: DeviceId, { link }: Party, type: SignalType, body: string) {
    const from = { role: 'device' as const, deviceId };
    return this.bus.call(watch.signal, { sessionId, from, ...link, type }, { body: Buffer.from(body) });
  }

  async session(actorId: UserId, sessionId: WatchSessionId) {
    const { sessions } = valueOf(await this.bus.call(watch.list, { actorId, limit: 100 }));
    return sessions.find(({ id }) => id === sessionId);
  }

  async untilEnded(actorId: UserId, sessionId: WatchSessionId, reason: string): Promise<void> {
    await waitFor(
      async () => (await this.session(actorId, sessionId))?.reason === reason,
      `the session to end with ${reason}`,
      8_000,
    );
  }

  async loseGateway(gatewayId: GatewayId): Promise<void> {
    const lost = { gatewayId, graceful: false };
    valueOf(await this.bus.publish(gatewayLost, GATEWAY_LOST_ID, lost, { messageId: newMessageId() }));
  }

  async stop(): Promise<void> {
    for (const party of this.#parties) party.stop();
    for (const end of this.#ends.reverse()) await end();
  }

  #playOthers(): void {
    this.bus.serve(auth.getUser, ({ userId }) => {
      if (!this.users.has(userId)) return Promise.resolve(fail('not_found', 'no such user'));
      const createdAt = new Date(0).toISOString();
      return Promise.resolve(ok({ id: userId, username: 'somebody', email: null, avatarUrl: null, createdAt }));
    });
    this.bus.serve(auth.isBanned, ({ userId }) => Promise.resolve(ok({ banned: this.banned.has(userId) })));
    this.bus.serve(presence.alive, ({ connections }) => {
      this.aliveAsked += 1;
      const gone = connections.map(({ connectionId }) => connectionId).filter((id) => this.gone.has(id));
      return Promise.resolve(ok({ gone }));
    });
  }

  async #replica(): Promise<void> {
    const database: Database<SignalingTables> = createDatabase({ url: this.databaseUrl, schema: 'signaling', logger });
    const bus = await connectBus({ servers: this.nats.url, name: 'signaling', logger });
    const options = loadOptions(signalingOptions, this.#env);
    const clock = (): number => this.now();
    const replica = new SignalingReplica({ bus, database, options, logger, instanceId: randomUUID(), clock });
    const intake = await replica.start();
    this.#ends.push(async () => {
      await Promise.all(intake.map((stoppable) => stoppable.stop()));
      await replica.close();
      await bus.close();
      await database.close();
    });
  }
}

export function asDeviceId(id: string): DeviceId {
  if (!deviceIdCheck.is(id)) throw new Error(`${id} is no device id`);
  return id;
}

export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.value;
}

export function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'ok' : outcome.error.code;
}
