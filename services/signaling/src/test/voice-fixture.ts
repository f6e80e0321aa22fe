import { connectBus, type Bus, type ReceivedEvent } from '@parley/bus';
import { loadOptions } from '@parley/config';
import {
  serverEvent,
  voice,
  voiceSignal,
  type ChannelId,
  type Outcome,
  type ServerId,
  type UserId,
  type VoiceState,
} from '@parley/contracts';
import { createDatabase, migrate, type Database } from '@parley/database';
import { createLogger } from '@parley/telemetry';
import { freshDatabase, startNats, waitFor, type TestNats } from '@parley/testing';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { signalingOptions } from '../signaling.options.js';
import { SignalingReplica } from '../signaling-replica.js';
import type { SignalingTables } from '../signaling.tables.js';
import { FakeMessaging } from './fake-messaging.js';
import { FakePresence } from './fake-presence.js';

const logger = createLogger('signaling', { level: 'silent' });

export interface HeardSignal {
  readonly toUserId: UserId | string;
  readonly fromUserId: UserId;
  readonly channelId: ChannelId;
  readonly text: string;
}

/**
 * Replicas of the service within the test, on a real NATS and a real database, with a clock that only the test moves on.
 * Messaging and presence are played by the test, on the bus.
 */
export class VoiceFixture {
  readonly messaging: FakeMessaging;
  readonly presence: FakePresence;
  /** Every voice state announced, in the order of the stream. */
  readonly heard: VoiceState[] = [];
  readonly signals: HeardSignal[] = [];
  readonly #ends: (() => Promise<unknown>)[] = [];
  readonly #env: Readonly<Record<string, string>>;
  #now = 1_700_000_000_000;

  private constructor(
    readonly nats: TestNats,
    readonly bus: Bus,
    readonly databaseUrl: string,
    env: Readonly<Record<string, string>>,
  ) {
    this.#env = { PARLEY_VOICE_SWEEP_MS: '50', PARLEY_VOICE_RECHECK_MS: '600000', ...env };
    this.messaging = new FakeMessaging(bus);
    this.presence = new FakePresence(bus);
    bus.subscribe(serverEvent.subject('*'), (event) => {
      const payload = serverEvent.decode(event)?.payload;
      if (payload?.type === 'voice_state') this.heard.push(payload.state);
    });
    bus.subscribe(voiceSignal.subject('*'), (event) => {
      this.#hearSignal(event);
    });
  }

  static async start(env: Readonly<Record<string, string>> = {}, replicas = 1): Promise<VoiceFixture> {
    const [nats, fresh] = await Promise.all([startNats(), freshDatabase()]);
    const bus = await connectBus({ servers: nats.url, name: 'test', logger });
    const fixture = new VoiceFixture(nats, bus, fresh.url, env);
    fixture.#ends.push(
      () => fresh.drop(),
      () => nats.stop(),
      () => bus.close(),
    );
    fixture.messaging.serve();
    fixture.presence.serve();
    for (let i = 0; i < replicas; i++) await fixture.#replica();
    await fixture.#untilShared(replicas);
    return fixture;
  }

  /** Until every replica has its part of the users. */
  async #untilShared(replicas: number): Promise<void> {
    const database = createDatabase<object>({ url: this.databaseUrl, schema: 'signaling', logger });
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
    const database: Database<SignalingTables> = createDatabase({ url: this.databaseUrl, schema: 'signaling', logger });
    await migrate(database, new URL('../../migrations/', import.meta.url));
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

  now(): number {
    return this.#now;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }

  ask(userId: UserId, channelId: ChannelId, flags: { muted?: boolean; deafened?: boolean } = {}) {
    return this.bus.call(voice.join, { userId, username: nameOf(userId), channelId, ...flags });
  }

  async join(userId: UserId, channelId: ChannelId, flags?: { muted?: boolean; deafened?: boolean }) {
    return valueOf(await this.ask(userId, channelId, flags));
  }

  signal(userId: UserId, toUserId: UserId, text: string) {
    return this.bus.call(voice.signal, { userId, toUserId }, { body: Buffer.from(text) });
  }

  async inChannel(actorId: UserId, channelId: ChannelId): Promise<readonly UserId[]> {
    const { states } = valueOf(await this.bus.call(voice.list, { actorId, channelId }));
    return states.map(({ userId }) => userId);
  }

  /** What was announced of a user: server and channel, in order. */
  pathOf(userId: UserId): readonly (readonly [ServerId, ChannelId | null])[] {
    return this.heard.filter((state) => state.userId === userId).map((state) => [state.serverId, state.channelId]);
  }

  async untilHeard(userId: UserId, channelId: ChannelId | null, deadlineMs = 5_000): Promise<void> {
    await waitFor(
      () => this.pathOf(userId).at(-1)?.[1] === channelId,
      `${userId} to be announced in ${String(channelId)}`,
      deadlineMs,
    );
  }

  /** Passes of every sweep that began after now. */
  async passes(count: number): Promise<void> {
    const before = this.presence.asked;
    await waitFor(() => this.presence.asked >= before + count + 1, `${String(count)} passes`, 10_000);
  }

  #hearSignal(event: ReceivedEvent): void {
    const decoded = voiceSignal.decode(event);
    if (decoded === undefined) return;
    this.signals.push({ toUserId: event.id, ...decoded.payload, text: Buffer.from(decoded.body ?? []).toString() });
  }
}

export function nameOf(userId: UserId): string {
  return `user_${userId.slice(-12)}`;
}

export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.value;
}
