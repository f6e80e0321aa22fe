import {
  fail,
  ok,
  shardOf,
  type ChannelId,
  type Outcome,
  type TransportErrorCode,
  type UserId,
} from '@parley/contracts';
import { left } from './signaling.metrics.js';
import { gone } from './voice-state.js';
import type { VoiceWriter } from './voice-writer.js';
import type { VoiceRepository } from './voice.repository.js';

export class LeaveVoice {
  readonly #writer: VoiceWriter;
  readonly #voices: VoiceRepository;

  constructor(writer: VoiceWriter, voices: VoiceRepository) {
    this.#writer = writer;
    this.#voices = voices;
  }

  async run(userId: UserId, channelId: ChannelId): Promise<Outcome<object, 'not_found' | TransportErrorCode>> {
    const written = await this.#writer.write(shardOf(userId), async (trx) => {
      const state = await this.#voices.leave(trx, userId, channelId);
      if (state !== undefined) await this.#writer.announce(trx, [gone(state)]);
      return state !== undefined;
    });
    if (!written.ok) return written;
    if (!written.value) return fail('not_found', 'You are not in this voice channel.');
    left.add(1, { reason: 'left' });
    return ok({});
  }
}
