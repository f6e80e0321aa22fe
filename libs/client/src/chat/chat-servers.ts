import { list } from '../transport/check.js';
import { isNothing, queryOf, Rest } from '../transport/rest.js';
import type { WaitOptions } from '../transport/wait.js';
import { isChannel, isMembers, isServer } from './chat-resources.js';
import type { ChatChannel, ChatMembers, ChatServer } from './chat-resources.js';
import type { ChatRestConfig } from './chat-rest.js';

/**
 * Servers of `chat`, their members and channels. The socket tells nothing of their changes: who shows them asks again. Who is not
 * a member gets `not_found`, who may not do it `forbidden`.
 */
export class ChatServers extends Rest<ChatRestConfig> {
  /** Those that the caller is a member of. */
  list(options?: WaitOptions): Promise<readonly ChatServer[]> {
    return this.request('GET', '/servers', list(isServer), undefined, options);
  }

  create(name: string, description?: string, options?: WaitOptions): Promise<ChatServer> {
    const body = { name, ...(description === undefined ? {} : { description }) };
    return this.request('POST', '/servers', isServer, body, options);
  }

  rename(serverId: string, name: string, options?: WaitOptions): Promise<ChatServer> {
    return this.request('PATCH', path('servers', serverId), isServer, { name }, options);
  }

  /** With its channels and messages. */
  delete(serverId: string, options?: WaitOptions): Promise<void> {
    return this.done('DELETE', path('servers', serverId), options);
  }

  /** Joining again changes nothing. */
  join(serverId: string, options?: WaitOptions): Promise<ChatServer> {
    return this.request('POST', path('servers', serverId, 'join'), isServer, undefined, options);
  }

  /** The owner can't. */
  leave(serverId: string, options?: WaitOptions): Promise<void> {
    return this.done('DELETE', path('servers', serverId, 'leave'), options);
  }

  /** A page; `after` is the last user id of the one before. */
  members(
    serverId: string,
    page: { readonly after?: string; readonly limit?: number } = {},
    options?: WaitOptions,
  ): Promise<ChatMembers> {
    const where = path('servers', serverId, 'members') + queryOf(page);
    return this.request('GET', where, isMembers, undefined, options);
  }

  kick(serverId: string, userId: string, options?: WaitOptions): Promise<void> {
    return this.done('DELETE', path('servers', serverId, 'members', userId), options);
  }

  /** Ends the membership, too. */
  ban(serverId: string, userId: string, options?: WaitOptions): Promise<void> {
    return this.done('PUT', path('servers', serverId, 'bans', userId), options);
  }

  unban(serverId: string, userId: string, options?: WaitOptions): Promise<void> {
    return this.done('DELETE', path('servers', serverId, 'bans', userId), options);
  }

  /** In order of their position. */
  channels(serverId: string, options?: WaitOptions): Promise<readonly ChatChannel[]> {
    return this.request('GET', path('servers', serverId, 'channels'), list(isChannel), undefined, options);
  }

  createChannel(
    serverId: string,
    channel: Pick<ChatChannel, 'name' | 'type'>,
    options?: WaitOptions,
  ): Promise<ChatChannel> {
    return this.request('POST', path('servers', serverId, 'channels'), isChannel, channel, options);
  }

  renameChannel(serverId: string, channelId: string, name: string, options?: WaitOptions): Promise<ChatChannel> {
    const where = path('servers', serverId, 'channels', channelId);
    return this.request('PATCH', where, isChannel, { name }, options);
  }

  /** With its messages. */
  deleteChannel(serverId: string, channelId: string, options?: WaitOptions): Promise<void> {
    return this.done('DELETE', path('servers', serverId, 'channels', channelId), options);
  }

  private async done(method: string, where: string, options?: WaitOptions): Promise<void> {
    await this.request(method, where, isNothing, undefined, options);
  }
}

function path(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
