import {
  fail,
  type Channel,
  type ChannelId,
  type Outcome,
  type ServerId,
  type TransportErrorCode,
  type UserId,
} from '@parley/contracts';

/** What messaging knows of channels and members. It decides; nothing of it is kept here. */
export interface ChannelDirectory {
  /** The channel, when the user is a member of its server; else `not_found`. */
  get(userId: UserId, channelId: ChannelId): Promise<Outcome<Channel, 'not_found' | TransportErrorCode>>;
  /** The servers of up to 1,000 users. One who is missing in the answer is in none that it knows of. */
  serversOf(
    userIds: readonly UserId[],
  ): Promise<Outcome<ReadonlyMap<UserId, ReadonlySet<ServerId>>, TransportErrorCode>>;
}

/** The same, of voice channels alone. */
export async function voiceChannel(
  directory: ChannelDirectory,
  userId: UserId,
  channelId: ChannelId,
): Promise<Outcome<Channel, 'not_found' | TransportErrorCode>> {
  const channel = await directory.get(userId, channelId);
  if (!channel.ok || channel.value.type === 'voice') return channel;
  return fail('invalid', 'Channel is not a voice channel', { field: 'channelId' });
}
