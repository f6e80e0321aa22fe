import type { ChatChannel, ChatMember, ChatPresence, ChatServers } from '@parley/client';
import { RemoteValue } from '../remote-value.js';

/** As many as one request brings; a console shows no more. */
const MAX_MEMBERS = 1_000;

/** One server's channels and members. Nobody is told of their changes, so they are read again from time to time. */
export class ServerView {
  readonly channels: RemoteValue<readonly ChatChannel[]>;
  readonly members: RemoteValue<readonly ChatMember[]>;
  /** Users who were looked for among the members in vain. */
  private readonly strangers = new Set<string>();

  constructor(
    readonly serverId: string,
    api: Pick<ChatServers, 'channels' | 'members'>,
  ) {
    this.channels = new RemoteValue(() => api.channels(serverId));
    this.members = new RemoteValue(async () => (await api.members(serverId, { limit: MAX_MEMBERS })).members);
  }

  async reload(): Promise<void> {
    await Promise.all([this.channels.reload(), this.members.reload()]);
  }

  /** Who it is of may be a member who is not known yet. */
  presence({ user_id: userId, status }: ChatPresence): void {
    this.members.update((members) =>
      members.map((member) => (member.user_id === userId ? { ...member, status } : member)),
    );
    this.meet(userId);
  }

  /** Somebody wrote, or moved: the list of members is read again, once, if it does not have them. */
  meet(userId: string): void {
    const known = this.members.value?.some((member) => member.user_id === userId) ?? true;
    if (known || this.strangers.has(userId)) return;
    this.strangers.add(userId);
    void this.members.reload();
  }

  /** A message came in this channel. */
  meetChannel(channelId: string): void {
    if (this.channels.value?.some(({ id }) => id === channelId) === false) void this.channels.reload();
  }
}
