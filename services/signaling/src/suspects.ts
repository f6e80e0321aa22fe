import { shardOf, type ChannelId, type ServerId, type UserId } from '@parley/contracts';
import type { RecheckMembers } from './recheck-members.js';
import type { VoiceRepository } from './voice.repository.js';

type Place = { readonly channelId: ChannelId } | { readonly serverId: ServerId };

/** What events have named since the last run. Whom there is no room for, the regular pass finds. */
const CAPACITY = 10_000;

export class Suspects {
  readonly #voices: VoiceRepository;
  readonly #recheck: RecheckMembers;
  readonly #held: () => readonly number[];
  readonly #users = new Set<UserId>();
  readonly #places = new Map<string, Place>();

  constructor(voices: VoiceRepository, recheck: RecheckMembers, held: () => readonly number[]) {
    this.#voices = voices;
    this.#recheck = recheck;
    this.#held = held;
  }

  /** A user left a server. */
  user(userId: UserId): void {
    if (this.#users.size < CAPACITY && this.#held().includes(shardOf(userId))) this.#users.add(userId);
  }

  /** It was deleted. */
  channel(channelId: ChannelId): void {
    if (this.#places.size < CAPACITY) this.#places.set(channelId, { channelId });
  }

  server(serverId: ServerId): void {
    if (this.#places.size < CAPACITY) this.#places.set(serverId, { serverId });
  }

  async run(): Promise<void> {
    const [users, places] = [[...this.#users], [...this.#places.values()]];
    this.#users.clear();
    this.#places.clear();
    const all = new Set(users);
    for (const place of places) {
      for (const userId of await this.#voices.usersIn(place, this.#held())) all.add(userId);
    }
    // Asked about again by the next run, if they are still ours then.
    for (const userId of await this.#recheck.suspects(all)) this.user(userId);
  }
}
