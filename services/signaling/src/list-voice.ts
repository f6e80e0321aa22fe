import type { ChannelId, Outcome, TransportErrorCode, UserId, VoiceState } from '@parley/contracts';
import { attempt } from '@parley/database';
import { voiceChannel, type ChannelDirectory } from './channel-directory.js';
import { present } from './voice-state.js';
import type { VoiceRepository } from './voice.repository.js';

/** Who is in a voice channel, for members of its server. */
export class ListVoice {
  readonly #voices: VoiceRepository;
  readonly #directory: ChannelDirectory;

  constructor(voices: VoiceRepository, directory: ChannelDirectory) {
    this.#voices = voices;
    this.#directory = directory;
  }

  async run(
    actorId: UserId,
    channelId: ChannelId,
  ): Promise<Outcome<{ states: VoiceState[] }, 'not_found' | TransportErrorCode>> {
    const channel = await voiceChannel(this.#directory, actorId, channelId);
    if (!channel.ok) return channel;
    return attempt(async () => ({ states: (await this.#voices.inChannel(channelId)).map(present) }));
  }
}
