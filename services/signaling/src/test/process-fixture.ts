import { connectBus, type Bus } from '@parley/bus';
import {
  newConnectionId,
  newGatewayId,
  newLoginId,
  presence,
  serverEvent,
  shardOf,
  voice,
  type ChannelId,
  type ConnectionId,
  type GatewayId,
  type Outcome,
  type ServerId,
  type UserId,
} from '@parley/contracts';
import { createLogger } from '@parley/telemetry';
import {
  freshDatabase,
  startChild,
  startNats,
  startService,
  type Child,
  type ServiceProcess,
  type TestNats,
} from '@parley/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeMessaging } from './fake-messaging.js';
import { nameOf, valueOf } from './voice-fixture.js';

const RETRY_MS = 100;
const DEADLINE_MS = 30_000;

/** Real processes of signaling and presence, and gateways that are only a lease; the test plays messaging. */
export class ProcessFixture {
  readonly messaging: FakeMessaging;
  readonly #services: ServiceProcess[] = [];
  readonly #gateways: Child[] = [];

  private constructor(
    readonly nats: TestNats,
    readonly bus: Bus,
    readonly database: { readonly url: string; drop(): Promise<void> },
  ) {
    this.messaging = new FakeMessaging(bus);
    this.messaging.serve();
  }

  static async start(): Promise<ProcessFixture> {
    const [nats, database] = await Promise.all([startNats(), freshDatabase()]);
    const logger = createLogger('test', { level: 'silent' });
    return new ProcessFixture(nats, await connectBus({ servers: nats.url, name: 'test', logger }), database);
  }

  async service(name: 'signaling' | 'presence'): Promise<ServiceProcess> {
    const started = await startService({
      name,
      main: new URL(`../../../${name}/dist/main.js`, import.meta.url).pathname,
      env: { PARLEY_NATS_URL: this.nats.url, PARLEY_DATABASE_URL: this.database.url, PARLEY_LOG_LEVEL: 'warn' },
    });
    this.#services.push(started);
    return started;
  }

  async gateway(): Promise<{ readonly gatewayId: GatewayId; readonly process: Child }> {
    const gatewayId = newGatewayId();
    const main = new URL('../../dist/test/gateway-main.js', import.meta.url).pathname;
    const process_ = await startChild({
      name: 'gateway',
      command: process.execPath,
      args: [main, this.nats.url, gatewayId],
    });
    this.#gateways.push(process_);
    await process_.line('its lease', 20_000, (line) => line === 'held' || undefined);
    return { gatewayId, process: process_ };
  }

  /** A chat connection opens, as its gateway reports it. */
  async connect(gatewayId: GatewayId, userId: UserId): Promise<ConnectionId> {
    const connectionId = newConnectionId();
    const ids = { connectionId, userId, loginId: newLoginId() };
    const opened = [{ ...ids, dialect: 'chat' as const, address: '192.0.2.7', connectedAt: Date.now() }];
    const report = { shard: shardOf(userId), gatewayId, opened, closed: [] };
    await persist(() => this.bus.call(presence.report, report));
    return connectionId;
  }

  async disconnect(gatewayId: GatewayId, userId: UserId, connectionId: ConnectionId): Promise<void> {
    const report = { shard: shardOf(userId), gatewayId, opened: [], closed: [{ connectionId, userId }] };
    await persist(() => this.bus.call(presence.report, report));
  }

  async join(userId: UserId, channelId: ChannelId): Promise<void> {
    const request = { userId, username: nameOf(userId), channelId };
    await persist(() => this.bus.call(voice.join, request));
  }

  async inChannel(actorId: UserId, channelId: ChannelId): Promise<readonly UserId[]> {
    const listed = await persist(() => this.bus.call(voice.list, { actorId, channelId }));
    return listed.states.map(({ userId }) => userId);
  }

  /** What was announced of a user, in order, as the stream has it. */
  async pathOf(userId: UserId): Promise<readonly (readonly [ServerId, ChannelId | null])[]> {
    const path: (readonly [ServerId, ChannelId | null])[] = [];
    let after = 0;
    for (;;) {
      const read = valueOf(
        await this.bus.read({ stream: 'EVENTS', subject: serverEvent.subject('*'), after, limit: 1_000 }),
      );
      for (const event of read.events) {
        const payload = serverEvent.decode(event)?.payload;
        if (payload?.type !== 'voice_state' || payload.state.userId !== userId) continue;
        path.push([payload.state.serverId, payload.state.channelId]);
      }
      after = read.events.at(-1)?.sequence ?? after;
      if (!read.more) return path;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#gateways.filter(({ running }) => running).map((gateway) => gateway.kill()));
    await Promise.all(this.#services.map((service) => service.stop()));
    await this.bus.close();
    await this.nats.stop();
    await this.database.drop();
  }
}

/** As gateways do: the same question again until it is answered. */
export async function persist<T>(ask: () => Promise<Outcome<T>>): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (answer.ok) return answer.value;
    if (performance.now() > deadline) throw new Error(`${answer.error.code}: ${answer.error.message}`);
    await sleep(RETRY_MS);
  }
}
