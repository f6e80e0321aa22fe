import {
  fail,
  ok,
  shardOf,
  type ChannelId,
  type Outcome,
  type TransportErrorCode,
  type UserId,
  type VoiceState,
} from '@parley/contracts';
import type { Clock } from './clock.js';
import { present } from './voice-state.js';
import type { VoiceWriter } from './voice-writer.js';
import type { VoiceRepository } from './voice.repository.js';

export interface UpdateRequest {
  readonly userId: UserId;
  readonly channelId: ChannelId;
  readonly muted?: boolean;
  readonly deafened?: boolean;
}

/** Mutes and deafens. What changes nothing is not announced. */
export class UpdateVoice {
  readonly #writer: VoiceWriter;
  readonly #voices: VoiceRepository;
  readonly #clock: Clock;

  constructor(writer: VoiceWriter, voices: VoiceRepository, clock: Clock) {
    this.#writer = writer;
    this.#voices = voices;
    this.#clock = clock;
  }

  async run(request: UpdateRequest): Promise<Outcome<VoiceState, 'not_found' | TransportErrorCode>> {
    const { userId, channelId } = request;
    const written = await this.#writer.write(shardOf(userId), async (trx) => {
      const before = await this.#voices.load(userId, trx);
      if (before?.channelId !== channelId) return undefined;
      const { muted = before.muted, deafened = before.deafened } = request;
      const after = { ...before, muted, deafened, touchedAt: this.#clock() };
      await this.#voices.change(trx, after);
      if (muted !== before.muted || deafened !== before.deafened) await this.#writer.announce(trx, [present(after)]);
      return present(after);
    });
    if (!written.ok) return written;
    return written.value === undefined ? fail('not_found', 'You are not in this voice channel.') : ok(written.value);
  }
}
