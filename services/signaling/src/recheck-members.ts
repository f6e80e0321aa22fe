import type { ChannelId, UserId } from '@parley/contracts';
import { inParallel, type Lanes } from '@parley/service';
import type { ChannelDirectory } from './channel-directory.js';
import type { EndVoice } from './end-voice.js';
import type { InVoice } from './voice-state.js';
import type { VoiceRepository } from './voice.repository.js';

const PAGE = 1_000;
const AT_ONCE = 8;

/**
 * Ends the states of those who may not be in their channel any more: they left, were kicked or banned, or the channel or
 * its server was deleted. Events name suspects at once; a pass over everybody finds whom no event named. Either way
 * messaging has the last word, and while it does not answer everybody stays.
 */
export class RecheckMembers {
  readonly #voices: VoiceRepository;
  readonly #endVoice: EndVoice;
  readonly #directory: ChannelDirectory;
  readonly #users: Lanes<UserId>;
  readonly #held: () => readonly number[];

  constructor(
    voices: VoiceRepository,
    endVoice: EndVoice,
    directory: ChannelDirectory,
    users: Lanes<UserId>,
    held: () => readonly number[],
  ) {
    this.#voices = voices;
    this.#endVoice = endVoice;
    this.#directory = directory;
    this.#users = users;
    this.#held = held;
  }

  /** Everybody in voice in this replica's shards. */
  async run(): Promise<void> {
    const shards = this.#held();
    const good = new Set<ChannelId>();
    let after: UserId | undefined;
    let page: readonly InVoice[];
    do {
      page = shards.length === 0 ? [] : await this.#voices.page(shards, after, PAGE);
      after = page.at(-1)?.userId;
      if (page.length > 0) await this.#page(page, good);
    } while (page.length === PAGE);
  }

  /** These users alone. Answers those of whom messaging told nothing. */
  async suspects(userIds: Iterable<UserId>): Promise<readonly UserId[]> {
    const undecided: UserId[] = [];
    await inParallel(userIds, AT_ONCE, async (userId) => {
      if (!(await this.#confirm(userId))) undecided.push(userId);
    });
    return undecided;
  }

  /** One question for the memberships of all, one for each channel; only who stands out is asked about singly. */
  async #page(page: readonly InVoice[], good: Set<ChannelId>): Promise<void> {
    const servers = await this.#directory.serversOf(page.map(({ userId }) => userId));
    if (!servers.ok) return;
    const suspects = new Set<UserId>();
    const byChannel = new Map<ChannelId, InVoice[]>();
    for (const state of page) {
      const member = servers.value.get(state.userId)?.has(state.serverId) === true;
      if (!member) suspects.add(state.userId);
      else if (!good.has(state.channelId)) {
        const others = byChannel.get(state.channelId);
        if (others === undefined) byChannel.set(state.channelId, [state]);
        else others.push(state);
      }
    }
    await inParallel(byChannel, AT_ONCE, async ([channelId, states]) => {
      const [first] = states;
      if (first === undefined) return;
      const channel = await this.#directory.get(first.userId, channelId);
      if (channel.ok) good.add(channelId);
      else if (channel.error.code === 'not_found') for (const { userId } of states) suspects.add(userId);
    });
    await this.suspects(suspects);
  }

  /** Behind a joining that is under way, which may have been answered before the membership ended. */
  #confirm(userId: UserId): Promise<boolean> {
    return this.#users.run(userId, async () => {
      const state = await this.#voices.load(userId);
      if (state === undefined) return true;
      const channel = await this.#directory.get(userId, state.channelId);
      if (channel.ok) return true;
      if (channel.error.code !== 'not_found') return false;
      return this.#endVoice.run([state], 'removed');
    });
  }
}
