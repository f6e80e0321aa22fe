import { randomBytes } from 'node:crypto';
import type { User } from '../accounts.js';
import type { Client, TextFrame } from '../client.js';
import type { Context, OpenOptions } from '../context.js';
import { ScenarioFailure } from '../failure.js';
import { anIsoTime, at, difference, type Pattern } from '../match.js';

export interface Device {
  readonly id: string;
  /** Undefined: its id is enough. */
  readonly key: string | undefined;
  readonly owner: User;
}

/** A session that both parties know of. */
export interface Watching {
  readonly sessionId: string;
  readonly device: Client;
  readonly viewer: Client;
  readonly camera: Device;
  readonly user: User;
}

type Where = Pick<OpenOptions, 'gateway' | 'answersPings'>;

/** How long a party that is gone may be waited for, with some time to notice it. */
export const GRACE_SECONDS = 10;
export const GONE_MS = (GRACE_SECONDS + 8) * 1_000;

export async function makeDevice(context: Context, owner: User, auth: 'key' | 'none' = 'key'): Promise<Device> {
  const id = `cam-${randomBytes(9).toString('hex')}`;
  const body = { device_id: id, device_name: 'A camera', auth };
  const made = await context.rest.expect('POST', '/devices', 201, { body, bearer: owner.token });
  const key = at(made, 'key');
  if (auth === 'key' && typeof key !== 'string') throw new ScenarioFailure('a device has a key', JSON.stringify(made));
  return { id, key: typeof key === 'string' ? key : undefined, owner };
}

export async function share(context: Context, { id, owner }: Device, { id: userId }: User): Promise<void> {
  await context.rest.expect('PUT', `/devices/${id}/viewers/${userId}`, 204, { bearer: owner.token });
}

export function message(type: string, payload: object = {}, requestId?: string): object {
  return {
    type,
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ts: new Date().toISOString(),
    payload,
  };
}

export function told(type: string, payload: Readonly<Record<string, Pattern>>, requestId?: string): Pattern {
  return { type, request_id: requestId, ts: anIsoTime, payload };
}

export function refusal(text: Pattern, requestId?: string): Pattern {
  return told('error', { message: text }, requestId);
}

/** The endpoint of the devices, beside that of the viewers. */
export function deviceUrl(url: string): string {
  return url.replace(/\/ws\/viewer\b/, '/ws/device');
}

/** A device's socket that has not said anything. */
export function deviceSocket(context: Context, { gateway = 1, ...options }: Where = {}): Promise<Client> {
  return context.openUrl(deviceUrl(context.urlOf(gateway)), options);
}

export function viewerSocket(context: Context, { gateway = 1, ...options }: Where = {}): Promise<Client> {
  return context.openUrl(context.urlOf(gateway), options);
}

export function deviceHello({ id, key }: Pick<Device, 'id' | 'key'>): object {
  return message('hello', { device_id: id, ...(key === undefined ? {} : { key }) });
}

/** Has said hello and was answered. */
export async function connectDevice(context: Context, device: Device, where: Where = {}): Promise<Client> {
  const client = await deviceSocket(context, where);
  client.send(deviceHello(device));
  await client.expect(told('hello_ack', { device_id: device.id, server_time: anIsoTime }));
  return client;
}

export async function connectViewer(
  context: Context,
  user: Pick<User, 'token' | 'id'>,
  where: Where & { readonly sessions?: readonly string[] } = {},
): Promise<Client> {
  const { sessions, ...options } = where;
  const client = await viewerSocket(context, options);
  client.send(message('hello', { token: user.token, ...(sessions === undefined ? {} : { sessions }) }));
  await client.expect(told('hello_ack', { user_id: user.id, server_time: anIsoTime }));
  return client;
}

/** Asks for the device, and takes what both are told. The session's id. */
export async function begin(viewer: Client, device: Client, { id }: Device, { id: userId }: User): Promise<string> {
  viewer.send(message('watch_request', { device_id: id }, 'begin'));
  const ready = await viewer.expect({ type: 'watch_ready', request_id: 'begin' });
  const sessionId = at(ready.json, 'payload.session_id');
  if (typeof sessionId !== 'string') throw new ScenarioFailure('no session_id', ready.text);
  await device.expect({ type: 'watch_request', payload: { session_id: sessionId, user_id: userId } });
  return sessionId;
}

/** An owner who watches a device of theirs over the two gateways; no signal has passed. */
export async function watching(context: Context, owner?: User): Promise<Watching> {
  const user = owner ?? (await context.user());
  const camera = await makeDevice(context, user);
  const device = await connectDevice(context, camera);
  const viewer = await connectViewer(context, user, { gateway: 2 });
  const sessionId = await begin(viewer, device, camera, user);
  return { sessionId, device, viewer, camera, user };
}

/** The same, with offer and answer. */
export async function answered(context: Context, owner?: User): Promise<Watching> {
  const session = await watching(context, owner);
  await negotiate(session);
  return session;
}

export async function negotiate({ sessionId, device, viewer }: Omit<Watching, 'camera' | 'user'>): Promise<void> {
  viewer.send(offer(sessionId));
  await device.expect({ type: 'signal_offer', payload: { session_id: sessionId } });
  device.send(answer(sessionId));
  await viewer.expect({ type: 'signal_answer', payload: { session_id: sessionId } });
}

export function offer(sessionId: string, requestId?: string): object {
  return message('signal_offer', { session_id: sessionId, sdp: { type: 'offer', sdp: 'v=0\r\n' } }, requestId);
}

export function answer(sessionId: string, requestId?: string): object {
  return message('signal_answer', { session_id: sessionId, sdp: { type: 'answer', sdp: 'v=0\r\n' } }, requestId);
}

/** `line`: tells one candidate from another. */
export function ice(sessionId: string, line: string | null, requestId?: string): object {
  const candidate = line === null ? null : { candidate: line, sdpMid: '0', sdpMLineIndex: 0 };
  return message('signal_ice', { session_id: sessionId, candidate }, requestId);
}

export function iceTold(sessionId: string, line: string | null): Pattern {
  const candidate = line === null ? null : { candidate: line, sdpMid: '0', sdpMLineIndex: 0 };
  return told('signal_ice', { session_id: sessionId, candidate });
}

export function ended(sessionId: string, reason: string): Pattern {
  return told('watch_ended', { session_id: sessionId, reason });
}

/** What is between them works: a candidate either way. */
export async function passes({ sessionId, device, viewer }: Omit<Watching, 'camera' | 'user'>): Promise<void> {
  const line = randomBytes(6).toString('hex');
  viewer.send(ice(sessionId, line));
  await device.expect(iceTold(sessionId, line));
  device.send(ice(sessionId, line));
  await viewer.expect(iceTold(sessionId, line));
}

/** It lives, and nothing came before that. */
export async function alive(client: Client): Promise<void> {
  const id = randomBytes(4).toString('hex');
  client.send(message('heartbeat', {}, id));
  await client.expect(told('heartbeat_ack', {}, id));
}

/** The session as its viewer finds it over REST. */
export async function recorded(context: Context, { camera, sessionId, user }: Watching): Promise<unknown> {
  const path = `/watch-sessions?device_id=${camera.id}`;
  const listed = await context.rest.expect('GET', path, 200, { bearer: user.token });
  const sessions = at(listed, 'sessions');
  return Array.isArray(sessions) ? sessions.find((one) => at(one, 'id') === sessionId) : undefined;
}

export function exactly(pattern: Pattern, frame: TextFrame): void {
  const differing = difference(pattern, frame.json, { exact: true });
  check(differing === undefined, differing ?? '', frame);
}

export function check(holds: boolean, text: string, frame?: TextFrame): asserts holds {
  if (!holds) throw new ScenarioFailure(text, frame?.text);
}
