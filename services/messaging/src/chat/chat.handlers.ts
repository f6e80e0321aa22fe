import type { Bus, Stoppable } from '@parley/bus';
import { channels, messages, servers, type ErrorCode, type Outcome, type ServerId } from '@parley/contracts';
import { shardHandler, type ShardHandler } from '@parley/service';
import { banMember } from './ban-member.js';
import type { Chat } from './chat.js';
import { chatMessages } from './chat.metrics.js';
import { createChannel } from './create-channel.js';
import { createServer } from './create-server.js';
import { deleteChannel } from './delete-channel.js';
import { deleteMessage } from './delete-message.js';
import { deleteServer } from './delete-server.js';
import { editMessage } from './edit-message.js';
import { getChannel } from './get-channel.js';
import { getServer } from './get-server.js';
import { joinServer } from './join-server.js';
import { kickMember } from './kick-member.js';
import { leaveServer } from './leave-server.js';
import { listChannels } from './list-channels.js';
import { listMembers } from './list-members.js';
import { listMessages } from './list-messages.js';
import { listServers } from './list-servers.js';
import { locateMessage } from './locate-message.js';
import { postMessage } from './post-message.js';
import { serversOfUsers } from './servers-of-users.js';
import { unbanMember } from './unban-member.js';
import { updateChannel } from './update-channel.js';
import { updateServer } from './update-server.js';

/** Which request about servers, channels and messages is answered by which verb. */
export class ChatHandlers {
  constructor(
    private readonly bus: Pick<Bus, 'serve'>,
    private readonly chat: Chat,
  ) {}

  /** Questions, which any replica answers. */
  serve(): Stoppable[] {
    const { bus, chat } = this;
    return [
      bus.serve(servers.list, (request) => listServers(chat, request)),
      bus.serve(servers.get, (request) => getServer(chat, request)),
      bus.serve(servers.members, (request) => listMembers(chat, request)),
      bus.serve(servers.ofUsers, (request) => serversOfUsers(chat, request)),
      bus.serve(channels.list, (request) => listChannels(chat, request)),
      bus.serve(channels.get, (request) => getChannel(chat, request)),
      bus.serve(messages.list, (request) => listMessages(chat, request)),
      bus.serve(messages.locate, (request) => locateMessage(chat, request)),
    ];
  }

  /** Writes, which only the owner of the server's shard makes, of messages that of the channel's. */
  sharded(): ShardHandler[] {
    return [...this.#ofServers(), ...this.#ofChannels(), ...this.#ofMessages()];
  }

  #ofServers(): ShardHandler[] {
    const { chat } = this;
    return [
      shardHandler(servers.create, (request, _, shard) => createServer(chat, request, shard), { lane: serverLane }),
      shardHandler(servers.update, (request, _, shard) => updateServer(chat, request, shard), { lane: serverLane }),
      shardHandler(servers.delete, (request, _, shard) => deleteServer(chat, request, shard), { lane: serverLane }),
      shardHandler(servers.join, (request, _, shard) => joinServer(chat, request, shard), { lane: serverLane }),
      shardHandler(servers.leave, (request, _, shard) => leaveServer(chat, request, shard), { lane: serverLane }),
      shardHandler(servers.kick, (request, _, shard) => kickMember(chat, request, shard), { lane: serverLane }),
      shardHandler(servers.ban, (request, _, shard) => banMember(chat, request, shard), { lane: serverLane }),
      shardHandler(servers.unban, (request, _, shard) => unbanMember(chat, request, shard), { lane: serverLane }),
    ];
  }

  #ofChannels(): ShardHandler[] {
    const { chat } = this;
    return [
      shardHandler(channels.create, (request, _, shard) => createChannel(chat, request, shard), { lane: serverLane }),
      shardHandler(channels.update, (request, _, shard) => updateChannel(chat, request, shard), { lane: serverLane }),
      shardHandler(channels.delete, (request, _, shard) => deleteChannel(chat, request, shard), { lane: serverLane }),
    ];
  }

  /** A lane for each: all go on at once, as far as the queue of `MessageWriter`, which keeps them in order. */
  #ofMessages(): ShardHandler[] {
    const { chat } = this;
    let last = 0;
    const ownLane = { lane: () => `message ${String(++last)}` };
    return [
      shardHandler(messages.post, (request, _, shard) => counted('posted', postMessage(chat, request, shard)), ownLane),
      shardHandler(messages.edit, (request, _, shard) => counted('edited', editMessage(chat, request, shard)), ownLane),
      shardHandler(
        messages.delete,
        (request, _, shard) => counted('deleted', deleteMessage(chat, request, shard)),
        ownLane,
      ),
    ];
  }
}

/** One at a time per server: transactions of a server do not overlap, so its events leave in the order of its changes. */
function serverLane({ serverId }: { readonly serverId: ServerId }): string {
  return `server ${serverId}`;
}

async function counted<T, E extends ErrorCode>(
  result: string,
  answering: Promise<Outcome<T, E>>,
): Promise<Outcome<T, E>> {
  const outcome = await answering;
  chatMessages.add(1, { result: outcome.ok ? result : outcome.error.code });
  return outcome;
}
