import type { ChatVoice, VoiceState } from '@parley/client';
import { Store } from '../../../session/store.js';

export type Roster = ReadonlyMap<string, readonly VoiceState[]>;

/** Who is in which voice channel, by channel id, in order of joining. */
export class VoiceRoster {
  readonly state = new Store<Roster>(new Map());
  /** What was told while a list was under way, by channel. */
  private readonly meanwhile = new Map<string, VoiceState[]>();

  constructor(private readonly api: Pick<ChatVoice, 'list'>) {}

  /** Throws what the server says. */
  async load(channelId: string): Promise<readonly VoiceState[]> {
    const told: VoiceState[] = [];
    this.meanwhile.set(channelId, told);
    try {
      let states = await this.api.list(channelId);
      for (const state of told) states = placed(states, channelId, state);
      this.set(channelId, states);
      return states;
    } finally {
      if (this.meanwhile.get(channelId) === told) this.meanwhile.delete(channelId);
    }
  }

  told(state: VoiceState): void {
    for (const told of this.meanwhile.values()) told.push(state);
    const next = new Map(this.state.get());
    for (const [channelId, states] of next) next.set(channelId, placed(states, channelId, state));
    this.state.set(next);
  }

  /** Only these are shown. */
  keep(channelIds: readonly string[]): void {
    const wanted = new Set(channelIds);
    this.state.set(new Map([...this.state.get()].filter(([channelId]) => wanted.has(channelId))));
  }

  in(channelId: string): readonly VoiceState[] {
    return this.state.get().get(channelId) ?? [];
  }

  private set(channelId: string, states: readonly VoiceState[]): void {
    this.state.set(new Map([...this.state.get(), [channelId, states]]));
  }
}

/** A user is in one channel at a time: they are in this one, or they are not any more. */
function placed(states: readonly VoiceState[], channelId: string, told: VoiceState): readonly VoiceState[] {
  const others = states.filter((one) => one.user_id !== told.user_id);
  if (told.channel_id !== channelId) return others.length === states.length ? states : others;
  return [...others, told].sort((a, b) => (a.joined_at < b.joined_at ? -1 : Number(a.joined_at > b.joined_at)));
}
