import { DeviceAuth, WatchEndReason, WatchState, type Device, type WatchSession } from '@parley/contracts';
import { Type, type Static, type TSchema } from '@sinclair/typebox';

const Uuid = Type.String({ format: 'uuid' });
const Time = Type.String({ format: 'date-time' });

function orNull<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

const deviceFields = {
  device_id: Type.String(),
  device_name: Type.String(),
  auth: DeviceAuth,
  owner_id: Uuid,
  online: Type.Boolean(),
  last_seen: orNull(Time),
  presence: orNull(Type.Record(Type.String(), Type.Unknown())),
  shared_with: Type.Optional(Type.Array(Uuid, { description: 'Only its owner is told.' })),
  created_at: Time,
};
export const DeviceBody = Type.Object(deviceFields);
export const NewDeviceBody = Type.Object({
  ...deviceFields,
  key: orNull(Type.String({ description: 'What the device says hello with; shown this once.' })),
});
export const DeviceList = Type.Object({ devices: Type.Array(DeviceBody), more: Type.Boolean() });

export function deviceBody(device: Device): Static<typeof DeviceBody> {
  return {
    device_id: device.id,
    device_name: device.name,
    auth: device.auth,
    owner_id: device.ownerId,
    online: device.online,
    last_seen: device.lastSeen,
    presence: device.presence,
    ...(device.sharedWith === undefined ? {} : { shared_with: device.sharedWith }),
    created_at: device.createdAt,
  };
}

export const WatchSessionBody = Type.Object({
  id: Uuid,
  device_id: Type.String(),
  user_id: Uuid,
  state: WatchState,
  started_at: Time,
  answered_at: orNull(Time),
  ended_at: orNull(Time),
  reason: orNull(WatchEndReason),
});
export const WatchSessionList = Type.Object({ sessions: Type.Array(WatchSessionBody), more: Type.Boolean() });

export function watchSessionBody(session: WatchSession): Static<typeof WatchSessionBody> {
  return {
    id: session.id,
    device_id: session.deviceId,
    user_id: session.userId,
    state: session.state,
    started_at: session.startedAt,
    answered_at: session.answeredAt,
    ended_at: session.endedAt,
    reason: session.reason,
  };
}
