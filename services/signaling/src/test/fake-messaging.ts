import type { Bus, Stoppable } from '@parley/bus';
import {
  channels,
  fail,
  membershipChanged,
  newChannelId,
  newMessageId,
  newServerId,
  ok,
  serverEvent,
  servers,
  type Channel,
  type ChannelId,
  type ChannelType,
  type ServerEvent,
  type ServerId,
  type UserId,
} from '@parley/contracts';

/** Knows servers, members and channels, and answers for them on the bus as messaging does. */
export class FakeMessaging {
  readonly #bus: Bus;
  readonly #members = new Map<ServerId, Set<UserId>>();
  readonly #channels = new Map<ChannelId, Channel>();
  #serving: Stoppable[] = [];
  /** Awaited before a channel is answered for, after the answer has been decided. */
  beforeAnswer: (userId: UserId) => Promise<void> = () => Promise.resolve();

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  serve(): void {
    this.#serving = [
      this.#bus.serve(channels.get, async ({ actorId, channelId }) => {
        const channel = this.#channels.get(channelId);
        const sees = channel !== undefined && this.#members.get(channel.serverId)?.has(actorId) === true;
        await this.beforeAnswer(actorId);
        return sees ? ok(channel) : fail('not_found', 'No such channel.');
      }),
      this.#bus.serve(servers.ofUsers, ({ userIds }) => {
        const serversOf = (userId: UserId): ServerId[] =>
          [...this.#members].flatMap(([serverId, members]) => (members.has(userId) ? [serverId] : []));
        return Promise.resolve(ok({ users: userIds.map((userId) => ({ userId, serverIds: serversOf(userId) })) }));
      }),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#serving.map((serving) => serving.stop()));
  }

  server(...members: readonly UserId[]): ServerId {
    const serverId = newServerId();
    this.#members.set(serverId, new Set(members));
    return serverId;
  }

  channel(serverId: ServerId, type: ChannelType = 'voice'): ChannelId {
    const id = newChannelId();
    const createdAt = new Date().toISOString();
    this.#channels.set(id, { id, serverId, name: 'Lounge', type, position: 0, topic: null, createdAt });
    return id;
  }

  join(serverId: ServerId, ...users: readonly UserId[]): void {
    for (const user of users) this.#members.get(serverId)?.add(user);
  }

  /** Ends the membership; says so unless told to be `silent`. */
  async kick(serverId: ServerId, userId: UserId, silent = false): Promise<void> {
    this.#members.get(serverId)?.delete(userId);
    if (silent) return;
    const payload = { userId, serverId, change: 'left' } as const;
    await this.#bus.publish(membershipChanged, userId, payload, { messageId: newMessageId() });
  }

  async deleteChannel(channelId: ChannelId, silent = false): Promise<void> {
    const channel = this.#channels.get(channelId);
    this.#channels.delete(channelId);
    if (channel !== undefined && !silent) await this.#tell(channel.serverId, { type: 'channel_deleted', channelId });
  }

  async deleteServer(serverId: ServerId): Promise<void> {
    this.#members.delete(serverId);
    await this.#tell(serverId, { type: 'server_deleted' });
  }

  async #tell(serverId: ServerId, event: ServerEvent): Promise<void> {
    await this.#bus.publish(serverEvent, serverId, event, { messageId: newMessageId() });
  }
}
