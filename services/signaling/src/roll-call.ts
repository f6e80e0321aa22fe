import type { Outcome, ServerId, UserId } from '@parley/contracts';
import type { Clock } from './clock.js';
import type { EndVoice } from './end-voice.js';
import type { InVoice } from './voice-state.js';
import type { VoiceRepository } from './voice.repository.js';

/** One who is not listed is one of whom nothing is known now. `goneSince`: ms since 1970, 0 for never. */
export type AskReach = (
  userIds: readonly UserId[],
) => Promise<Outcome<readonly { readonly userId: UserId; readonly connections: number; readonly goneSince: number }[]>>;

export interface RollCallSettings {
  readonly graceMs: number;
  /** How long presence must have said without a break that a user is gone. */
  readonly settleMs: number;
  readonly clock: Clock;
  readonly held: () => readonly number[];
  /** Is there a connection to the bus? */
  readonly connected: () => boolean;
  /** How many users are in voice in this replica's shards, and in which servers; after every full pass. */
  readonly counted: (users: number, servers: ReadonlySet<ServerId>) => void;
}

const PAGE = 1_000;

/**
 * Goes over the users in voice and ends the states of those who have had no chat connection for the grace. Doubt is in
 * their favour: an answer that does not come, or a user whom it leaves out, starts the watch over them anew.
 */
export class RollCall {
  readonly #voices: VoiceRepository;
  readonly #endVoice: EndVoice;
  readonly #reach: AskReach;
  readonly #settings: RollCallSettings;
  /** Who was not connected in every answer since when; never more than are in voice. */
  #absentSince = new Map<UserId, number>();

  constructor(voices: VoiceRepository, endVoice: EndVoice, reach: AskReach, settings: RollCallSettings) {
    this.#voices = voices;
    this.#endVoice = endVoice;
    this.#reach = reach;
    this.#settings = settings;
  }

  /** The bus went away: what was seen before says nothing about after. */
  forget(): void {
    this.#absentSince = new Map();
  }

  async run(): Promise<void> {
    const absentSince = new Map<UserId, number>();
    const before = this.#absentSince;
    const servers = new Set<ServerId>();
    let users = 0;
    let answered = true;
    for await (const page of this.#pages()) {
      users += page.length;
      for (const { serverId } of page) servers.add(serverId);
      answered = answered && (await this.#call(page, before, absentSince));
    }
    // Forgotten meanwhile, or not answered in full: nobody counts as watched.
    this.#absentSince = answered && this.#absentSince === before ? absentSince : new Map<UserId, number>();
    this.#settings.counted(users, servers);
  }

  async *#pages(): AsyncGenerator<readonly InVoice[]> {
    const shards = this.#settings.held();
    let after: UserId | undefined;
    let page: readonly InVoice[];
    do {
      page = shards.length === 0 ? [] : await this.#voices.page(shards, after, PAGE);
      after = page.at(-1)?.userId;
      if (page.length > 0) yield page;
    } while (page.length === PAGE);
  }

  async #call(
    page: readonly InVoice[],
    before: ReadonlyMap<UserId, number>,
    absentSince: Map<UserId, number>,
  ): Promise<boolean> {
    const { clock, graceMs, settleMs, connected } = this.#settings;
    if (!connected()) return false;
    // Of the question: an answer says nothing about what came after, however long it lay unread.
    const now = clock();
    const answer = await this.#reach(page.map(({ userId }) => userId));
    if (!answer.ok) return false;
    const states = new Map(page.map((state) => [state.userId, state]));
    const ending: InVoice[] = [];
    for (const { userId, connections, goneSince } of answer.value) {
      const state = states.get(userId);
      if (state === undefined || connections > 0) continue;
      const since = before.get(userId) ?? now;
      absentSince.set(userId, since);
      // One who joins before connecting has the grace to do so.
      const gone = now - Math.max(goneSince, state.touchedAt) >= graceMs;
      if (gone && now - since >= settleMs) ending.push(state);
    }
    // Still connected to the bus after the answer: an outage in between would make it worthless.
    if (!connected() || this.#absentSince !== before) return false;
    await this.#endVoice.run(ending, 'absent');
    return true;
  }
}
