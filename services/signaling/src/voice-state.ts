import type { ChannelId, ServerId, UserId, VoiceState } from '@parley/contracts';

/** One user in one voice channel. Times are ms since 1970. */
export interface InVoice {
  readonly userId: UserId;
  readonly username: string;
  readonly serverId: ServerId;
  readonly channelId: ChannelId;
  readonly muted: boolean;
  readonly deafened: boolean;
  readonly joinedAt: number;
  /** When the user last did something to it themselves. */
  readonly touchedAt: number;
  /** Another one for every write. */
  readonly revision: number;
}

/** A state as it was seen; it is ended only if nobody has written it since. */
export type SeenState = Pick<InVoice, 'userId' | 'revision'>;

/** As others see it. */
export function present(state: InVoice): VoiceState {
  const { userId, username, serverId, channelId, muted, deafened, joinedAt } = state;
  return { userId, username, serverId, channelId, muted, deafened, joinedAt: new Date(joinedAt).toISOString() };
}

/** What others hear when it has ended. */
export function gone(state: InVoice): VoiceState {
  return { ...present(state), channelId: null };
}
