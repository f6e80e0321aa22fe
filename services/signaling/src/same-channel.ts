import type { ChannelId, Outcome } from '@parley/contracts';
import { attempt } from '@parley/database';
import { inTrace, sampledTraceparent } from '@parley/telemetry';
import type { Pair, VoiceRepository } from './voice.repository.js';

type Answer = Outcome<ChannelId | undefined, 'unavailable' | 'timeout'>;

interface Waiting {
  readonly pair: Pair;
  /** Of the request, if it is recorded. */
  readonly trace: string | undefined;
  readonly settle: (answer: Promise<Answer>) => void;
}

const BATCH = 256;

/**
 * Which channel two users share now. Never from memory, since either may have left through another replica; instead all
 * who ask while one query is under way share the next, which begins after they asked.
 */
export class SameChannel {
  readonly #voices: VoiceRepository;
  /** At most one entry per pair, whose signals the bus hands over one at a time. */
  readonly #waiting: Waiting[] = [];
  #asking = false;

  constructor(voices: VoiceRepository) {
    this.#voices = voices;
  }

  of(pair: Pair): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.push({ pair, trace: sampledTraceparent(), settle: resolve });
      if (!this.#asking) void this.#askAll();
    });
  }

  async #askAll(): Promise<void> {
    this.#asking = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      const trace = batch.find((one) => one.trace !== undefined)?.trace;
      const answers = inTrace(trace, () => attempt(() => this.#voices.together(batch.map(({ pair }) => pair))));
      for (const [index, { settle }] of batch.entries()) {
        settle(answers.then((all) => (all.ok ? { ok: true, value: all.value[index] } : all)));
      }
      await answers.catch(() => undefined);
    }
    this.#asking = false;
  }
}
