import { Type, type Static } from '@sinclair/typebox';
import { defineEvent } from './event.js';
import { ChannelId, UserId } from './ids.js';
import { defineRequest, shardOf } from './request.js';
import { VoiceState } from './servers.contract.js';

const byUser = (request: { readonly userId: string }): number => shardOf(request.userId);

/** One STUN or TURN server as browsers want it. */
export const IceServer = Type.Object({
  urls: Type.Union([Type.String(), Type.Array(Type.String())]),
  username: Type.Optional(Type.String()),
  credential: Type.Optional(Type.String()),
  credentialType: Type.Optional(Type.Literal('password')),
});
export type IceServer = Static<typeof IceServer>;

/** Voice channels of chat: who is in which, and the signals between them. A user is in one channel at a time. */
export const voice = {
  /**
   * Joins, or moves from another channel at once; the old server hears the leave first. Membership and kind of channel are
   * asked of messaging: `not_found`, or `invalid` for a text channel.
   */
  join: defineRequest('signaling.join-voice', {
    request: Type.Object({
      userId: UserId,
      username: Type.String(),
      channelId: ChannelId,
      muted: Type.Optional(Type.Boolean()),
      deafened: Type.Optional(Type.Boolean()),
    }),
    reply: VoiceState,
    errors: ['not_found', 'invalid', 'limit_exceeded'],
    shard: byUser,
  }),
  /** `not_found` when the user is not in that channel. */
  update: defineRequest('signaling.update-voice', {
    request: Type.Object({
      userId: UserId,
      channelId: ChannelId,
      muted: Type.Optional(Type.Boolean()),
      deafened: Type.Optional(Type.Boolean()),
    }),
    reply: VoiceState,
    errors: ['not_found'],
    shard: byUser,
  }),
  leave: defineRequest('signaling.leave-voice', {
    request: Type.Object({ userId: UserId, channelId: ChannelId }),
    reply: Type.Object({}),
    errors: ['not_found'],
    shard: byUser,
  }),
  /** Who is in the channel, in order of joining. */
  list: defineRequest('signaling.list-voice', {
    request: Type.Object({ actorId: UserId, channelId: ChannelId }),
    reply: Type.Object({ states: Type.Array(VoiceState) }),
    errors: ['not_found', 'invalid'],
  }),
  /** Body: the signal, any JSON value, passed on untouched. `forbidden` unless both are in the same channel now. */
  signal: defineRequest('signaling.relay-voice-signal', {
    request: Type.Object({ userId: UserId, toUserId: UserId }),
    reply: Type.Object({}),
    errors: ['forbidden', 'too_large'],
    shard: byUser,
  }),
  /** STUN and TURN for a user; TURN credentials are for them alone and valid for `ttl` seconds. */
  iceServers: defineRequest('signaling.ice-servers', {
    request: Type.Object({ userId: UserId }),
    reply: Type.Object({ iceServers: Type.Array(IceServer), ttl: Type.Integer() }),
    errors: [],
  }),
};

/** On `evt.user.<toUserId>.voice-signal`. Body: the signal. */
export const voiceSignal = defineEvent('voice-signal', {
  channel: 'EVENTS',
  scope: 'user',
  payload: Type.Object({ fromUserId: UserId, channelId: ChannelId }),
});
