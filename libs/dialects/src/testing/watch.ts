import {
  compile,
  devices,
  newConnectionId,
  newUserId,
  ok,
  watch as watching,
  watchEvent,
  WatchSessionId,
  DeviceId,
  type ConnectionId,
  type RawEvent,
  type UserId,
} from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { randomUUID } from 'node:crypto';
import type { Login } from '../command.js';
import { watch } from '../watch/index.js';
import { anEvent, aLogin, contentOf, theOne } from './fixtures.js';
import { Harness, type HarnessOptions } from './harness.js';

export { aLogin, anEvent, MINUTE } from './fixtures.js';

export const NOW = 1_700_000_000_000;
export const TS = '2023-11-14T22:13:20.000Z';

const deviceIdCheck = compile(DeviceId);
const sessionIdCheck = compile(WatchSessionId);

export function aDeviceId(id = 'kitchen-cam-001'): DeviceId {
  if (!deviceIdCheck.is(id)) throw new Error(`${id} is no device id`);
  return id;
}

export function aSessionId(id: string = randomUUID()): WatchSessionId {
  if (!sessionIdCheck.is(id)) throw new Error(`${id} is no session id`);
  return id;
}

export function message(type: string, payload: object = {}, requestId?: string): object {
  return { type, ...(requestId === undefined ? {} : { request_id: requestId }), ts: TS, payload };
}

export interface Connecting extends Pick<HarnessOptions, 'limits'> {
  readonly login?: Login;
  readonly connectionId?: ConnectionId;
  readonly query?: string;
  readonly token?: string;
}

/** A connection before its first frame. */
export async function aConnection(role: 'device' | 'viewer', connecting: Connecting = {}): Promise<Harness> {
  const { login, connectionId = newConnectionId(), ...options } = connecting;
  const endpoint = role === 'device' ? '/ws/device' : '/ws/viewer';
  const harness = new Harness(watch, { connectionId, endpoint, ...options });
  await harness.open(login === undefined ? undefined : ok(login));
  return harness;
}

/** One whose key is right, whatever it is. */
export async function aDevice(
  deviceId = aDeviceId(),
  principalId: UserId = newUserId(),
  connecting: Connecting = {},
): Promise<Harness> {
  const harness = await aConnection('device', connecting);
  harness.answer(devices.authenticate, () => ok({ principalId, ownerId: newUserId() }));
  harness.answer(devices.connect, () => ok({}));
  harness.answer(devices.disconnect, () => ok({}));
  await harness.send(message('hello', { device_id: deviceId }));
  harness.takeLog();
  return harness;
}

export async function aViewer(login = aLogin(), connecting: Connecting = {}): Promise<Harness> {
  const harness = await aConnection('viewer', { ...connecting, login });
  harness.answer(watching.connectViewer, () => ok({ sessionIds: [] }));
  harness.answer(watching.disconnectViewer, () => ok({}));
  await harness.send(message('hello', {}));
  harness.takeLog();
  return harness;
}

type News = Static<typeof watchEvent.payload>;

/** The frames that an event becomes, as text. */
export function textsOf(event: RawEvent): readonly (string | Uint8Array)[] {
  return theOne(watch.encoders.get(event.kind)?.encode(event))?.frames.map(contentOf) ?? [];
}

export function anEventFor(connectionId: ConnectionId, news: News, body?: string | Uint8Array): RawEvent {
  return anEvent(watchEvent, connectionId, news, body === undefined ? {} : { body });
}
