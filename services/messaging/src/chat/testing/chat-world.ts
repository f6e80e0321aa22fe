import type { ReceivedEvent } from '@parley/bus';
import {
  channels,
  membershipChanged,
  messages,
  newServerId,
  serverEvent,
  servers,
  type Channel,
  type ChannelId,
  type ChannelType,
  type ChatMessage,
  type Outcome,
  type Server,
  type ServerEvent,
  type ServerId,
  type UserId,
} from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { sql } from 'kysely';
import type { MessagingFixture } from '../../testing/messaging-fixture.js';

/** A server with a text channel, its owner, and a member who is not the owner. */
export interface Community {
  readonly server: Server;
  readonly channel: Channel;
  readonly owner: UserId;
  readonly member: UserId;
}

/** What tests of chat ask for, in few words. Everything goes through the bus. */
export class ChatWorld {
  constructor(readonly fixture: MessagingFixture) {}

  get bus() {
    return this.fixture.bus;
  }

  async community(): Promise<Community> {
    const [owner, member] = [this.fixture.newUser(), this.fixture.newUser()];
    const server = await this.server(owner);
    await this.join(member, server.id);
    return { server, channel: await this.channel(owner, server.id), owner, member };
  }

  async server(actorId: UserId, name = 'Sailors'): Promise<Server> {
    return must(await this.bus.call(servers.create, { actorId, serverId: newServerId(), name }));
  }

  async join(actorId: UserId, serverId: ServerId): Promise<Server> {
    return must(await this.bus.call(servers.join, { actorId, serverId }));
  }

  async channel(actorId: UserId, serverId: ServerId, type: ChannelType = 'text'): Promise<Channel> {
    return must(await this.bus.call(channels.create, { actorId, serverId, name: 'deck', type }));
  }

  async post(actorId: UserId, channelId: ChannelId, content: string): Promise<ChatMessage> {
    return must(await this.bus.call(messages.post, { actorId, channelId, content }));
  }

  async get(actorId: UserId, serverId: ServerId): Promise<Server> {
    return must(await this.bus.call(servers.get, { actorId, serverId }));
  }

  /** The whole channel, oldest first. */
  async listing(actorId: UserId, channelId: ChannelId, limit = 100): Promise<ChatMessage[]> {
    const found: ChatMessage[] = [];
    for (;;) {
      const before = found.at(-1)?.id;
      const page = must(
        await this.bus.call(messages.list, {
          actorId,
          channelId,
          limit,
          ...(before === undefined ? {} : { before }),
        }),
      );
      found.push(...page.messages);
      if (page.more !== true) return found.toReversed();
    }
  }

  /** What is announced in the server from now on. */
  async listen(serverId: ServerId): Promise<ServerEvent[]> {
    const heard: ServerEvent[] = [];
    await this.#subscribe(serverEvent.subject(serverId), (event) => {
      const decoded = serverEvent.decode(event);
      if (decoded !== undefined) heard.push(decoded.payload);
    });
    return heard;
  }

  /** `joined <serverId>`, `left <serverId>`: what is announced to the user from now on. */
  async memberships(userId: UserId): Promise<string[]> {
    const heard: string[] = [];
    await this.#subscribe(membershipChanged.subject(userId), (event) => {
      const payload = membershipChanged.decode(event)?.payload;
      if (payload !== undefined) heard.push(`${payload.change} ${payload.serverId}`);
    });
    return heard;
  }

  /** After all that has been answered before was announced. */
  async #subscribe(subject: string, handler: (event: ReceivedEvent) => void): Promise<void> {
    const { kysely } = this.fixture.database;
    await waitFor(async () => {
      const { rows } = await sql`SELECT FROM outbox LIMIT 1`.execute(kysely);
      return rows.length === 0;
    }, 'earlier events');
    this.bus.subscribe(subject, handler);
    must(await this.bus.flush());
  }
}

export function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.value;
}

/** `ok`, or the error's code. */
export async function said(asking: Promise<Outcome<unknown>>): Promise<string> {
  const outcome = await asking;
  return outcome.ok ? 'ok' : outcome.error.code;
}
