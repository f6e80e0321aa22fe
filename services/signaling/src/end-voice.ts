import { shardOf } from '@parley/contracts';
import { left, type EndReason } from './signaling.metrics.js';
import { gone, type SeenState } from './voice-state.js';
import type { VoiceWriter } from './voice-writer.js';
import type { VoiceRepository } from './voice.repository.js';

/** Ends states that nobody has written since they were seen. */
export class EndVoice {
  readonly #writer: VoiceWriter;
  readonly #voices: VoiceRepository;

  constructor(writer: VoiceWriter, voices: VoiceRepository) {
    this.#writer = writer;
    this.#voices = voices;
  }

  /** False when some could not be written; a later pass finds them again. */
  async run(seen: readonly SeenState[], reason: EndReason): Promise<boolean> {
    let all = true;
    const byShard = new Map<number, SeenState[]>();
    for (const state of seen) {
      const shard = shardOf(state.userId);
      const others = byShard.get(shard);
      if (others === undefined) byShard.set(shard, [state]);
      else others.push(state);
    }
    for (const [shard, states] of byShard) {
      const ended = await this.#writer.write(shard, async (trx) => {
        const removed = await this.#voices.end(trx, states);
        await this.#writer.announce(trx, removed.map(gone));
        return removed.length;
      });
      if (!ended.ok) all = false;
      else if (ended.value > 0) left.add(ended.value, { reason });
    }
    return all;
  }
}
