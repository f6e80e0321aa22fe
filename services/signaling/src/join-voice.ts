import {
  fail,
  ok,
  shardOf,
  type ChannelId,
  type Outcome,
  type ServerId,
  type TransportErrorCode,
  type UserId,
  type VoiceState,
} from '@parley/contracts';
import type { Lanes } from '@parley/service';
import { voiceChannel, type ChannelDirectory } from './channel-directory.js';
import type { Clock } from './clock.js';
import { joined, left } from './signaling.metrics.js';
import { gone, present, type InVoice } from './voice-state.js';
import type { VoiceWriter } from './voice-writer.js';
import type { VoiceRepository } from './voice.repository.js';
import type { SignalingTransaction } from './signaling.tables.js';

export interface JoinRequest {
  readonly userId: UserId;
  readonly username: string;
  readonly channelId: ChannelId;
  readonly muted?: boolean;
  readonly deafened?: boolean;
}

export interface JoinSettings {
  readonly channelUsersMax: number;
  readonly clock: Clock;
  /** Told before somebody is in voice in a server. */
  readonly entering: (serverId: ServerId) => void;
}

type JoinOutcome = Outcome<VoiceState, 'not_found' | 'limit_exceeded' | TransportErrorCode>;

/**
 * Into a voice channel, out of the one before, in one step. A move resets the flags that are not given; joining the
 * channel that one is in keeps them, and the place.
 */
export class JoinVoice {
  readonly #writer: VoiceWriter;
  readonly #voices: VoiceRepository;
  readonly #directory: ChannelDirectory;
  readonly #users: Lanes<UserId>;
  readonly #settings: JoinSettings;

  constructor(
    writer: VoiceWriter,
    voices: VoiceRepository,
    directory: ChannelDirectory,
    users: Lanes<UserId>,
    settings: JoinSettings,
  ) {
    this.#writer = writer;
    this.#voices = voices;
    this.#directory = directory;
    this.#users = users;
    this.#settings = settings;
  }

  /** In the user's lane, so that a kick between the question and the answer is acted upon after the joining. */
  run(request: JoinRequest): Promise<JoinOutcome> {
    return this.#users.run(request.userId, async () => {
      const channel = await voiceChannel(this.#directory, request.userId, request.channelId);
      if (!channel.ok) return channel;
      const { serverId } = channel.value;
      this.#settings.entering(serverId);
      const written = await this.#writer.write(shardOf(request.userId), (trx) => this.#enter(trx, request, serverId));
      return written.ok ? written.value : written;
    });
  }

  async #enter(trx: SignalingTransaction, request: JoinRequest, serverId: ServerId): Promise<JoinOutcome> {
    const now = this.#settings.clock();
    const before = await this.#voices.load(request.userId, trx);
    if (before?.channelId === request.channelId) return ok(await this.#stay(trx, before, request, now));

    await this.#voices.lockChannel(trx, request.channelId);
    if ((await this.#voices.countIn(trx, request.channelId)) >= this.#settings.channelUsersMax) {
      return fail('limit_exceeded', `The voice channel is full (${String(this.#settings.channelUsersMax)} users).`);
    }
    const { userId, username, channelId, muted = false, deafened = false } = request;
    const after = {
      userId,
      username,
      serverId,
      channelId,
      muted,
      deafened,
      joinedAt: now,
      touchedAt: now,
      revision: 0,
    };
    await this.#voices.enter(trx, shardOf(userId), after);
    // Within one server the new channel says that the old one was left.
    const leaves = before !== undefined && before.serverId !== serverId ? [gone(before)] : [];
    await this.#writer.announce(trx, [...leaves, present(after)]);
    joined.add(1);
    if (before !== undefined) left.add(1, { reason: 'moved' });
    return ok(present(after));
  }

  async #stay(trx: SignalingTransaction, before: InVoice, request: JoinRequest, now: number): Promise<VoiceState> {
    const { username, muted = before.muted, deafened = before.deafened } = request;
    const after = { ...before, username, muted, deafened, touchedAt: now };
    await this.#voices.change(trx, after);
    const differs = before.muted !== muted || before.deafened !== deafened || before.username !== username;
    if (differs) await this.#writer.announce(trx, [present(after)]);
    return present(after);
  }
}
