import { Type, type Static } from '@sinclair/typebox';
import { v7 } from 'uuid';
import { compile } from './check.js';
import { defineEvent } from './event.js';
import { ConnectionId, GatewayId, UserId, type Branded } from './ids.js';
import { defineRequest, shardOf } from './request.js';
import { storableText } from './text.js';
import { IceServer } from './voice.contract.js';

/** Chosen by who registers the device; unique in the cluster; a subject token. */
export const DeviceId = Type.Unsafe<Branded<'DeviceId'>>(
  Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'DeviceId' }),
);
export type DeviceId = Static<typeof DeviceId>;

/** UUIDv7, made so that it lies in the shard of its device: everything about a device has one owner. */
export const WatchSessionId = Type.Unsafe<Branded<'WatchSessionId'>>(
  Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', description: 'WatchSessionId' }),
);
export type WatchSessionId = Static<typeof WatchSessionId>;

const sessionIdCheck = compile(WatchSessionId);
/** One in 64 fits. */
const TRIES = 10_000;

export function newWatchSessionId(deviceId: DeviceId): WatchSessionId {
  const shard = shardOf(deviceId);
  for (let tries = 0; tries < TRIES; tries++) {
    const id = v7();
    if (shardOf(id) === shard && sessionIdCheck.is(id)) return id;
  }
  throw new Error(`no session id in shard ${String(shard)}`);
}

/** How a device proves who it is: with a key that is shown once, or (`none`) by its id alone. */
export const DeviceAuth = Type.Union([Type.Literal('key'), Type.Literal('none')]);
export type DeviceAuth = Static<typeof DeviceAuth>;

const Time = Type.String({ description: 'ISO 8601' });
const Name = storableText({ minLength: 1, maxLength: 100 });

export const Device = Type.Object({
  id: DeviceId,
  name: Name,
  auth: DeviceAuth,
  ownerId: UserId,
  online: Type.Boolean(),
  /** When it was last heard of; null when it never was. */
  lastSeen: Type.Union([Time, Type.Null()]),
  /** What it last said of itself (`device_presence`), as it said it; null when it said nothing yet. */
  presence: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  /** Users it is shared with; only the owner is told. */
  sharedWith: Type.Optional(Type.Array(UserId)),
  createdAt: Time,
});
export type Device = Static<typeof Device>;

export const WatchEndReason = Type.Union([
  Type.Literal('viewer_disconnected'),
  Type.Literal('device_disconnected'),
  Type.Literal('user_ended'),
  Type.Literal('timeout'),
  Type.Literal('error'),
]);
export type WatchEndReason = Static<typeof WatchEndReason>;

export const WatchState = Type.Union([Type.Literal('requested'), Type.Literal('answered'), Type.Literal('ended')]);

/** Who watches or watched what, and how it ended. */
export const WatchSession = Type.Object({
  id: WatchSessionId,
  deviceId: DeviceId,
  userId: UserId,
  state: WatchState,
  startedAt: Time,
  /** When the device's answer passed; null before. */
  answeredAt: Type.Union([Time, Type.Null()]),
  endedAt: Type.Union([Time, Type.Null()]),
  reason: Type.Union([WatchEndReason, Type.Null()]),
});
export type WatchSession = Static<typeof WatchSession>;

const Empty = Type.Object({});
/** Whoever it is was thrown out and does not come back: sessions end now, and not after the grace. */
const Final = Type.Optional(Type.Boolean());
const byDevice = (request: { readonly deviceId: string }): number => shardOf(request.deviceId);
const bySession = (request: { readonly sessionId: string }): number => shardOf(request.sessionId);

/** Devices. `not_found` for who may not know of it; `forbidden` for who may watch it, but is not its owner. */
export const devices = {
  /** `key` is told here and never again. `conflict`: the id is taken. */
  register: defineRequest('signaling.register-device', {
    request: Type.Object({ actorId: UserId, deviceId: DeviceId, name: Name, auth: DeviceAuth }),
    reply: Type.Object({ device: Device, key: Type.Union([Type.String(), Type.Null()]) }),
    errors: ['conflict', 'limit_exceeded'],
    shard: byDevice,
  }),
  /** Owned and shared, in order of id. */
  list: defineRequest('signaling.list-devices', {
    request: Type.Object({
      actorId: UserId,
      after: Type.Optional(DeviceId),
      limit: Type.Integer({ minimum: 1, maximum: 100 }),
    }),
    reply: Type.Object({ devices: Type.Array(Device), more: Type.Boolean() }),
    errors: [],
  }),
  get: defineRequest('signaling.get-device', {
    request: Type.Object({ actorId: UserId, deviceId: DeviceId }),
    reply: Device,
    errors: ['not_found'],
  }),
  /** Its sessions end, its connection is closed. */
  delete: defineRequest('signaling.delete-device', {
    request: Type.Object({ actorId: UserId, deviceId: DeviceId }),
    reply: Empty,
    errors: ['not_found', 'forbidden'],
    shard: byDevice,
  }),
  share: defineRequest('signaling.share-device', {
    request: Type.Object({ actorId: UserId, deviceId: DeviceId, userId: UserId }),
    reply: Empty,
    errors: ['not_found', 'forbidden', 'limit_exceeded'],
    shard: byDevice,
  }),
  /** The user's live sessions with it end. Whom it was shared with may also give it back. */
  unshare: defineRequest('signaling.unshare-device', {
    request: Type.Object({ actorId: UserId, deviceId: DeviceId, userId: UserId }),
    reply: Empty,
    errors: ['not_found', 'forbidden'],
    shard: byDevice,
  }),
  /**
   * A device says hello; `unauthenticated` for an unknown id and a wrong key alike. The newest connection replaces an older
   * one, whose gateway is told to close it; sessions go on. `principalId` is the device's own id where a user's is wanted.
   */
  authenticate: defineRequest('signaling.authenticate-device', {
    request: Type.Object({ deviceId: DeviceId, key: Type.Optional(Type.String({ maxLength: 200 })) }),
    reply: Type.Object({ principalId: UserId, ownerId: UserId }),
    errors: ['unauthenticated', 'rate_limited'],
    shard: byDevice,
  }),
  /** From here on events of the device reach this connection; sessions that wait for it are told to it at once. */
  connect: defineRequest('signaling.connect-device', {
    request: Type.Object({ deviceId: DeviceId, connectionId: ConnectionId, gatewayId: GatewayId }),
    reply: Empty,
    errors: ['not_found'],
    shard: byDevice,
  }),
  /** The connection is gone; after the grace its sessions end with `device_disconnected`. Safe to repeat. */
  disconnect: defineRequest('signaling.disconnect-device', {
    request: Type.Object({ deviceId: DeviceId, connectionId: ConnectionId, final: Final }),
    reply: Empty,
    errors: [],
    shard: byDevice,
  }),
  setPresence: defineRequest('signaling.set-device-presence', {
    request: Type.Object({
      deviceId: DeviceId,
      connectionId: ConnectionId,
      presence: Type.Record(Type.String(), Type.Unknown()),
    }),
    reply: Empty,
    errors: ['not_found', 'too_large'],
    shard: byDevice,
  }),
};

export const SignalType = Type.Union([Type.Literal('offer'), Type.Literal('answer'), Type.Literal('ice')]);
export type SignalType = Static<typeof SignalType>;

/** Who signals: the device of a session, or its viewer. */
export const Party = Type.Union([
  Type.Object({ role: Type.Literal('device'), deviceId: DeviceId }),
  Type.Object({ role: Type.Literal('viewer'), userId: UserId }),
]);
export type Party = Static<typeof Party>;

/** Watching: a session has two parties, and only they may signal in it. */
export const watch = {
  /**
   * `not_found`: "Device not found"; `forbidden`: neither owner nor shared with; `limit_exceeded`: enough viewers. A device
   * that is not connected: `offline`. The ICE servers are the viewer's; the device gets its own with the event.
   */
  request: defineRequest('signaling.request-watch', {
    request: Type.Object({
      deviceId: DeviceId,
      userId: UserId,
      connectionId: ConnectionId,
      gatewayId: GatewayId,
    }),
    reply: Type.Union([
      Type.Object({
        result: Type.Literal('ready'),
        sessionId: WatchSessionId,
        iceServers: Type.Array(IceServer),
      }),
      Type.Object({ result: Type.Literal('offline') }),
    ]),
    errors: ['not_found', 'forbidden', 'limit_exceeded'],
    shard: byDevice,
  }),
  /**
   * Body: `sdp` or `candidate`, any JSON value, passed on untouched and in order; candidates that come before the SDP they
   * belong to wait for it. A signal of a viewer from another connection than the session's moves the session there.
   * `not_found`: no such live session; `forbidden`: not one of its parties; `invalid`: an offer from the device, an answer
   * from the viewer.
   */
  signal: defineRequest('signaling.relay-watch-signal', {
    request: Type.Object({
      sessionId: WatchSessionId,
      from: Party,
      connectionId: ConnectionId,
      gatewayId: GatewayId,
      type: SignalType,
    }),
    reply: Empty,
    errors: ['not_found', 'forbidden', 'too_large', 'limit_exceeded'],
    shard: bySession,
  }),
  /** By its viewer only. The connection that asks is not told besides. */
  end: defineRequest('signaling.end-watch', {
    request: Type.Object({ sessionId: WatchSessionId, userId: UserId, connectionId: ConnectionId }),
    reply: Empty,
    errors: ['not_found', 'forbidden'],
    shard: bySession,
  }),
  /**
   * A viewer's connection is there (again): sessions of the user whose viewer is lost go on with it, within their grace;
   * of those that it names, where it names any; those of them that have ended, it is told so. Any replica.
   */
  connectViewer: defineRequest('signaling.connect-viewer', {
    request: Type.Object({
      userId: UserId,
      connectionId: ConnectionId,
      gatewayId: GatewayId,
      sessionIds: Type.Optional(Type.Array(WatchSessionId, { maxItems: 100 })),
    }),
    reply: Type.Object({ sessionIds: Type.Array(WatchSessionId) }),
    errors: [],
  }),
  /** The connection is gone; after the grace its sessions end with `viewer_disconnected`. Safe to repeat. Any replica. */
  disconnectViewer: defineRequest('signaling.disconnect-viewer', {
    request: Type.Object({ userId: UserId, connectionId: ConnectionId, final: Final }),
    reply: Empty,
    errors: [],
  }),
  /** One of them, asked of its owner by the replica that was asked for all. `not_found`: it ended, or is another's by now. */
  resumeViewer: defineRequest('signaling.resume-watch-viewer', {
    request: Type.Object({
      sessionId: WatchSessionId,
      userId: UserId,
      connectionId: ConnectionId,
      gatewayId: GatewayId,
    }),
    reply: Empty,
    errors: ['not_found'],
    shard: bySession,
  }),
  loseViewer: defineRequest('signaling.lose-watch-viewer', {
    request: Type.Object({ sessionId: WatchSessionId, connectionId: ConnectionId, final: Final }),
    reply: Empty,
    errors: [],
    shard: bySession,
  }),
  /** Sessions that the actor watches or watched, or of devices that they own; newest first. */
  list: defineRequest('signaling.list-watch-sessions', {
    request: Type.Object({
      actorId: UserId,
      deviceId: Type.Optional(DeviceId),
      before: Type.Optional(WatchSessionId),
      limit: Type.Integer({ minimum: 1, maximum: 100 }),
    }),
    reply: Type.Object({ sessions: Type.Array(WatchSession), more: Type.Boolean() }),
    errors: [],
  }),
};

/** ms since 1970, by the clock of who tells it. */
const At = Type.Integer();

/**
 * What one party of a session is told, on `evt.watch.<connectionId>` of the connection that stands for it. Body of `signal`:
 * the `sdp` or `candidate` as its sender wrote it.
 */
export const watchEvent = defineEvent('watch', {
  channel: 'EVENTS',
  payload: Type.Union([
    Type.Object({
      type: Type.Literal('requested'),
      at: At,
      sessionId: WatchSessionId,
      userId: UserId,
      iceServers: Type.Array(IceServer),
    }),
    Type.Object({ type: Type.Literal('signal'), at: At, sessionId: WatchSessionId, signal: SignalType }),
    Type.Object({ type: Type.Literal('ended'), at: At, sessionId: WatchSessionId, reason: WatchEndReason }),
    /** To the viewers of a device. */
    Type.Object({
      type: Type.Literal('presence'),
      at: At,
      deviceId: DeviceId,
      presence: Type.Record(Type.String(), Type.Unknown()),
    }),
    /** A newer connection of the device has taken its place, or the device was deleted. */
    Type.Object({
      type: Type.Literal('closed'),
      at: At,
      reason: Type.Union([Type.Literal('replaced'), Type.Literal('deleted')]),
    }),
  ]),
});
