import type { ChannelId, ServerId, UserId } from '@parley/contracts';

/** As in migrations/; times are ms since 1970. Only the repository writes rows, so what is read back is what was checked. */
export interface VoiceTables {
  readonly voice_states: {
    readonly user_id: UserId;
    readonly shard: number;
    readonly username: string;
    readonly server_id: ServerId;
    readonly channel_id: ChannelId;
    readonly muted: boolean;
    readonly deafened: boolean;
    readonly joined_at: number;
    readonly touched_at: number;
    readonly place: number;
    readonly revision: number;
  };
}
