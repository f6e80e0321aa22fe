import type { ChatClient, ChatMessage, ChatReady, ChatServer, ChatStatus, ParleyError } from '@parley/client';
import { Store } from '../../session/store.js';
import type { ChatApi } from './chat-api.js';
import { ChannelMessages } from './messages/channel-messages.js';
import { RemoteValue } from './remote-value.js';
import { ServerView } from './servers/server-view.js';
import { VoiceRoster } from './voice/voice-roster.js';

export interface Place {
  readonly server: ServerView | undefined;
  /** A text channel that is open. */
  readonly channel: ChannelMessages | undefined;
}

/** Channels whose messages are kept while others are looked at. */
const MAX_KEPT = 20;
/** Nobody is told of members and channels that come and go. */
const READ_AGAIN_MS = 10_000;

/** Everything that the chat room shows, and everything that can be done in it, but for calls. */
export class ChatCore {
  readonly servers: RemoteValue<readonly ChatServer[]>;
  readonly place = new Store<Place>({ server: undefined, channel: undefined });
  /** By channel. */
  readonly unread = new Store<ReadonlyMap<string, number>>(new Map());
  /** As others see it: `offline` is invisible. */
  readonly status = new Store<ChatStatus>('online');
  /** What went wrong, or what has changed, that nobody asked for. */
  readonly notice = new Store<string | undefined>(undefined);
  /** A server that somebody sent a link to, and which is not joined yet. */
  readonly invite = new Store<string | undefined>(undefined);
  readonly roster: VoiceRoster;
  /** The one used last comes last. */
  private readonly channels = new Map<string, ChannelMessages>();

  constructor(
    readonly api: ChatApi,
    readonly me: string,
  ) {
    this.servers = new RemoteValue(() => api.servers.list());
    this.roster = new VoiceRoster(api.voice);
  }

  get client(): ChatClient {
    return this.api.client;
  }

  /** Connects; what it returns ends everything. */
  start(): () => void {
    const { client } = this;
    const stops = [
      client.on('ready', (ready) => this.ready(ready)),
      client.on('messageCreated', (message) => this.created(message)),
      client.on('messageUpdated', (message) => this.channels.get(message.channel_id)?.updated(message)),
      client.on('messageDeleted', ({ id, channel_id: channelId }) => this.channels.get(channelId)?.deleted(id)),
      client.on('presence', (presence) => {
        if (presence.user_id === this.me) this.status.set(presence.status);
        this.place.get().server?.presence(presence);
      }),
      client.on('voiceState', (state) => {
        this.roster.told(state);
        this.place.get().server?.meet(state.user_id);
      }),
      client.on('error', (error) => this.refused(error)),
    ];
    const look = (): void => {
      if (this.isReady && document.visibilityState === 'visible') void this.refresh();
    };
    const again = setInterval(look, READ_AGAIN_MS);
    globalThis.addEventListener('focus', look);
    client.connect().catch(() => undefined);
    return () => {
      clearInterval(again);
      globalThis.removeEventListener('focus', look);
      for (const stop of stops) stop();
      client.disconnect();
    };
  }

  /** What others may have changed. */
  async refresh(): Promise<void> {
    await this.servers.reload();
    this.checkPlace();
    const { server } = this.place.get();
    if (server !== undefined) await this.load(server);
  }

  async createServer(name: string): Promise<void> {
    const server = await this.api.servers.create(name);
    const channel = await this.api.servers.createChannel(server.id, { name: 'general', type: 'text' });
    this.add(server);
    this.openServer(server.id);
    this.openChannel(channel.id);
  }

  async joinServer(id: string): Promise<void> {
    const server = await this.api.servers.join(id);
    this.add(server);
    this.invite.set(undefined);
    this.openServer(server.id);
  }

  /** From a link; who is in the server already goes there. */
  join(serverId: string): void {
    const isMember = this.servers.value?.some(({ id }) => id === serverId) === true;
    this.invite.set(isMember ? undefined : serverId);
    if (isMember) this.openServer(serverId);
  }

  /** From an address that names a server, and maybe a channel. */
  follow(serverId: string, channelId: string | undefined): void {
    const { value: servers } = this.servers;
    if (servers !== undefined && !servers.some(({ id }) => id === serverId)) {
      this.invite.set(serverId);
      return;
    }
    this.openServer(serverId);
    if (channelId !== undefined) this.openChannel(channelId);
  }

  async leaveServer(id: string): Promise<void> {
    await this.api.servers.leave(id);
    this.drop(id);
  }

  async deleteServer(id: string): Promise<void> {
    await this.api.servers.delete(id);
    this.drop(id);
  }

  openServer(id: string | undefined): void {
    if (id === this.place.get().server?.serverId) return;
    if (id === undefined) {
      this.place.set({ server: undefined, channel: undefined });
      return;
    }
    const server = new ServerView(id, this.api.servers);
    this.place.set({ server, channel: undefined });
    // Before there is a connection, something could happen between this answer and the first event.
    if (this.isReady) void this.load(server);
  }

  openChannel(id: string | undefined): void {
    const { server, channel: before } = this.place.get();
    if (id === before?.channelId) return;
    const channel = id === undefined ? undefined : this.channel(id);
    this.place.set({ server, channel });
    if (channel === undefined) return;
    if (!channel.state.get().loaded && this.isReady) void channel.loadNewest();
    const unread = new Map(this.unread.get());
    if (unread.delete(channel.channelId)) this.unread.set(unread);
  }

  /** Throws when there is no connection. */
  setStatus(status: ChatStatus): void {
    this.client.setStatus(status);
    this.status.set(status);
    // The connection that asked is not told.
    this.place.get().server?.presence({ user_id: this.me, status });
  }

  /** Voice channels with who is in them. */
  async loadVoice(server: ServerView): Promise<void> {
    const voice = (server.channels.value ?? []).filter(({ type }) => type === 'voice').map(({ id }) => id);
    if (this.place.get().server === server) this.roster.keep(voice);
    await Promise.all(voice.map((id) => this.roster.load(id).catch(() => undefined)));
  }

  private get isReady(): boolean {
    return this.client.status.state === 'ready';
  }

  private async load(server: ServerView): Promise<void> {
    await server.reload();
    if (this.place.get().server !== server) return;
    this.checkPlace();
    const first = server.channels.value?.find(({ type }) => type === 'text');
    if (this.place.get().channel === undefined && first !== undefined) this.openChannel(first.id);
    await this.loadVoice(server);
  }

  private ready({ user, servers, resumed }: ChatReady): void {
    this.status.set(user.status);
    this.servers.set(servers);
    this.checkPlace();
    const invite = this.invite.get();
    if (invite !== undefined) this.join(invite);
    const { server, channel } = this.place.get();
    for (const one of this.channels.values()) {
      if (one === channel || resumed === true || !one.isExpendable) void one.reconnected(resumed === true);
      else this.channels.delete(one.channelId);
    }
    const [first] = servers;
    if (server !== undefined) void this.load(server);
    else if (first !== undefined && this.invite.get() === undefined) this.openServer(first.id);
  }

  private created(message: ChatMessage): void {
    const { server, channel } = this.place.get();
    this.channels.get(message.channel_id)?.created(message);
    server?.meet(message.author_id);
    server?.meetChannel(message.channel_id);
    if (message.channel_id === channel?.channelId || message.author_id === this.me) return;
    const unread = this.unread.get();
    this.unread.set(new Map([...unread, [message.channel_id, (unread.get(message.channel_id) ?? 0) + 1]]));
  }

  /** Who is in a server no more is told so, instead of being left with a dead page. */
  private checkPlace(): void {
    const { server, channel } = this.place.get();
    const { value: servers } = this.servers;
    if (server === undefined || servers === undefined) return;
    if (!servers.some(({ id }) => id === server.serverId)) {
      // Never seen from inside: a link has led here.
      if (server.channels.value === undefined) this.invite.set(server.serverId);
      else this.notice.set('You are not a member of this server any more, or it was deleted.');
      this.drop(server.serverId);
    } else if (channel !== undefined && server.channels.value?.some(({ id }) => id === channel.channelId) === false) {
      this.notice.set('This channel was deleted.');
      this.openChannel(undefined);
    }
  }

  private refused(error: ParleyError): void {
    // A signal to somebody who has just left.
    if (error.code !== 'forbidden') this.notice.set(error.message);
  }

  private add(server: ChatServer): void {
    const others = (this.servers.value ?? []).filter(({ id }) => id !== server.id);
    this.servers.set([...others, server]);
  }

  private drop(id: string): void {
    this.servers.update((servers) => servers.filter((server) => server.id !== id));
    if (this.place.get().server?.serverId === id) this.place.set({ server: undefined, channel: undefined });
  }

  private channel(id: string): ChannelMessages {
    const deps = { rest: this.api.rest, me: this.me, isReady: () => this.isReady };
    const channel = this.channels.get(id) ?? new ChannelMessages(id, deps);
    this.channels.delete(id);
    this.channels.set(id, channel);
    for (const [other, one] of this.channels) {
      if (this.channels.size <= MAX_KEPT) break;
      if (other !== id && one.isExpendable) this.channels.delete(other);
    }
    return channel;
  }
}
