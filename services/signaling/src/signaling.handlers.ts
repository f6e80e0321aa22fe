import {
  channels,
  membershipChanged,
  newMessageId,
  ok,
  presence,
  serverEvent,
  servers,
  voice,
  voiceSignal,
  type ServerId,
  type UserId,
} from '@parley/contracts';
import type { Bus, EventSubscription, ReceivedEvent, Stoppable } from '@parley/bus';
import { shardHandler } from '@parley/service';
import type { ChannelDirectory } from './channel-directory.js';
import type { SendSignal } from './relay-signal.js';
import type { AskReach } from './roll-call.js';
import type { SignalingCore } from './signaling-core.js';

/** Below the deadline of who asks us, so that they hear what was wrong. */
const ASK_MS = 1_500;
/** A joining is over by then, one way or the other. */
const JOINING_MS = 10_000;

/** Questions that any replica answers. */
export function serveQuestions(bus: Bus, core: SignalingCore): Stoppable[] {
  return [
    bus.serve(voice.list, ({ actorId, channelId }) => core.list.run(actorId, channelId)),
    bus.serve(voice.iceServers, ({ userId }) => Promise.resolve(ok(core.iceServers.for(userId)))),
  ];
}

/** What the owner of the user's shard does: for each user in the order in which they asked, signals for each pair. */
export function shardHandlers(core: SignalingCore) {
  const lane = ({ userId }: { readonly userId: UserId }): string => userId;
  return [
    shardHandler(voice.join, (request) => core.join.run(request), { lane }),
    shardHandler(voice.update, (request) => core.update.run(request), { lane }),
    shardHandler(voice.leave, ({ userId, channelId }) => core.leave.run(userId, channelId), { lane }),
    shardHandler(voice.signal, ({ userId, toUserId }, { body }) => core.relay.run(userId, toUserId, body), {
      lane: ({ userId, toUserId }) => `${userId} ${toUserId}`,
    }),
  ];
}

export function channelDirectory(bus: Bus): ChannelDirectory {
  const options = { deadlineMs: ASK_MS };
  return {
    get: (actorId, channelId) => bus.call(channels.get, { actorId, channelId }, options),
    async serversOf(userIds) {
      const answer = await bus.call(servers.ofUsers, { userIds: [...userIds] }, options);
      if (!answer.ok) return answer;
      return ok(new Map(answer.value.users.map(({ userId, serverIds }) => [userId, new Set(serverIds)])));
    },
  };
}

export function reachOf(bus: Bus): AskReach {
  return async (userIds) => {
    const answer = await bus.call(presence.reach, { userIds: [...userIds], dialect: 'chat' }, { deadlineMs: ASK_MS });
    return answer.ok ? ok(answer.value.users) : answer;
  };
}

export function sendSignal(bus: Bus): SendSignal {
  return ({ fromUserId, toUserId, channelId, body }) =>
    bus.publish(
      voiceSignal,
      toUserId,
      { fromUserId, channelId },
      { body, messageId: newMessageId(), deadlineMs: ASK_MS },
    );
}

/** Whoever leaves a server is a suspect, and whoever is in voice in what was deleted. */
export class ServerNews {
  readonly #bus: Bus;
  readonly #core: Pick<SignalingCore, 'suspects'>;
  readonly #heard: () => void;
  readonly #followed = new Map<ServerId, { readonly subscription: EventSubscription; readonly until: number }>();
  #members: EventSubscription | undefined;

  /** `heard`: there is somebody to look at. */
  constructor(bus: Bus, core: Pick<SignalingCore, 'suspects'>, heard: () => void) {
    this.#bus = bus;
    this.#core = core;
    this.#heard = heard;
  }

  start(): void {
    this.#members = this.#bus.subscribe(membershipChanged.subject('*'), (event) => {
      const change = membershipChanged.decode(event)?.payload;
      if (change?.change !== 'left') return;
      this.#core.suspects.user(change.userId);
      this.#heard();
    });
  }

  /** Only servers with somebody in voice are listened to: their events are also all of their messages. */
  follow(serverId: ServerId): void {
    const until = performance.now() + JOINING_MS;
    const followed = this.#followed.get(serverId);
    if (followed !== undefined) {
      this.#followed.set(serverId, { ...followed, until });
      return;
    }
    const subscription = this.#bus.subscribe(serverEvent.subject(serverId), (event) => {
      this.#hear(serverId, event);
    });
    this.#followed.set(serverId, { subscription, until });
  }

  followAll(serverIds: ReadonlySet<ServerId>): void {
    for (const serverId of serverIds) this.follow(serverId);
    for (const [serverId, { subscription, until }] of this.#followed) {
      if (serverIds.has(serverId) || performance.now() < until) continue;
      subscription.unsubscribe();
      this.#followed.delete(serverId);
    }
  }

  stop(): void {
    this.#members?.unsubscribe();
    for (const { subscription } of this.#followed.values()) subscription.unsubscribe();
    this.#followed.clear();
  }

  #hear(serverId: ServerId, event: ReceivedEvent): void {
    // Nearly all of them are messages, which need not be opened for this.
    if (!Buffer.from(event.data.buffer, event.data.byteOffset, event.data.byteLength).includes('_deleted"')) return;
    const payload = serverEvent.decode(event)?.payload;
    if (payload?.type === 'channel_deleted') this.#core.suspects.channel(payload.channelId);
    else if (payload?.type === 'server_deleted') this.#core.suspects.server(serverId);
    else return;
    this.#heard();
  }
}
