import {
  roomCursor,
  roomEvent,
  roomSelection,
  type LoggedOperation,
  type Participant,
  type RoomCursor,
  type RoomEvent,
} from '@parley/contracts';
import { send, type SendCommand } from '../command.js';
import { encoder, encoders, type Encoded } from '../dialect.js';
import { binaryFrame, MUST, textFrame, type Frame } from '../frame.js';
import { concat, isRecord, parseJson } from '../json-text.js';
import type { DownType, Payloads, PresenceData, RoomJoined } from './down.js';
import type { Cursor } from './up.js';
import { protocol } from './version.js';

const utf8 = new TextEncoder();

type Operations = Extract<RoomEvent, { readonly type: 'operations' }>;

/** Events as frames; each is built once for every receiver of a pod, operations byte for byte as the service gave them. */
export const collabEncoders = encoders(
  encoder(roomEvent, ({ raw, payload, body }) => {
    const about = { roomId: raw.id, at: 'at' in payload ? payload.at : raw.storedAt };
    switch (payload.type) {
      case 'operations':
        return body === undefined ? undefined : operationFrames(about, payload, body);
      case 'joined':
        return {
          ...told(about, payload.participant.userId, joined(payload)),
          except: payload.participant.connectionId,
        };
      case 'left': {
        const { userId, connectionId, numericId } = payload.participant;
        return told(about, userId, { status: 'offline', connectionId, numericId });
      }
      case 'role_changed':
        return told(about, payload.userId, { role: payload.role });
      case 'removed':
      case 'deleted':
        // The sessions whom it concerns tell their clients; the others hear of who has left.
        return undefined;
    }
  }),
  encoder(roomCursor, ({ raw, payload }) => {
    const { userId, connectionId, numericId, at } = payload;
    const presence = { connectionId, numericId, cursor: cursorOf(payload) };
    return newest(`cursor:${raw.id}:${connectionId}`, {
      frames: told({ roomId: raw.id, at }, userId, presence).frames,
      alternative: [encodeCursor(numericId, payload)],
      except: connectionId,
    });
  }),
  encoder(roomSelection, ({ raw, payload: { userId, connectionId, numericId, color, at }, body }) => {
    const ranges = body === undefined ? undefined : parseJson(body);
    if (!Array.isArray(ranges)) return undefined;
    const binary = encodeSelection(numericId, ranges, at);
    return newest(`selection:${raw.id}:${connectionId}`, {
      frames: told({ roomId: raw.id, at }, userId, { connectionId, numericId, selection: { ranges, color } }).frames,
      ...(binary === undefined ? {} : { alternative: [binary] }),
      except: connectionId,
    });
  }),
);

/** What stands around a payload. */
export interface About {
  /** ms since 1970 */
  readonly at: number;
  readonly roomId?: string;
  readonly id?: string;
}

export function frameOf<T extends DownType>(type: T, payload: Payloads[T], about: About): Frame {
  return textFrame(`${before(type, about)}${JSON.stringify(payload)}}`);
}

export function reply<T extends DownType>(type: T, payload: Payloads[T], about: About): SendCommand {
  return send(frameOf(type, payload, about));
}

/** Up to the payload, whose text and a closing brace have to follow. */
function before(type: DownType, { at, roomId, id = crypto.randomUUID() }: About): string {
  const room = roomId === undefined ? '' : `,"roomId":${JSON.stringify(roomId)}`;
  return `{"id":${JSON.stringify(id)},"type":"${type}","version":${protocol},"timestamp":${at}${room},"payload":`;
}

/** One after the other, as they were applied: each to everyone but its sender's connection, which is told its version. */
function operationFrames(about: About, { operations }: Operations, body: Uint8Array): readonly Encoded[] | undefined {
  let at = 0;
  const encoded = operations.map(({ id, userId, connectionId, baseVersion, version, length }) => {
    const head = `${before('operation_broadcast', { ...about, id })}{"operation":`;
    const tail = `,"userId":${JSON.stringify(userId)},"version":${baseVersion},"transformedVersion":${version}}}`;
    const operation = body.subarray(at, (at += length));
    return {
      frames: [textFrame(concat([utf8.encode(head), operation, utf8.encode(tail)]))],
      delivery: MUST,
      except: connectionId,
      instead: [frameOf('ack', { messageId: id, version }, about)],
    };
  });
  return at === body.length ? encoded : undefined;
}

function joined({ participant, replaces }: Extract<RoomEvent, { readonly type: 'joined' }>): PresenceData {
  const { connectionId, numericId, name, color, role } = participant;
  const who = { connectionId, numericId, name, color, role };
  return { status: 'online', ...who, ...(replaces === undefined ? {} : { replaces }) };
}

function told(about: About, userId: string, presence: PresenceData): Encoded {
  return { frames: [frameOf('presence_update', { userId, presence, timestamp: about.at }, about)], delivery: MUST };
}

/** Of what a slow reader could not be sent only the last of each connection counts. */
function newest(key: string, encoded: Omit<Encoded, 'delivery'>): Encoded {
  return { ...encoded, delivery: { class: 'newest', key } };
}

function cursorOf({ x, y, viewport, timestamp }: RoomCursor): NonNullable<PresenceData['cursor']> {
  return { x, y, ...(viewport === undefined ? {} : { viewportX: viewport.x, viewportY: viewport.y }), timestamp };
}

/** 18 bytes, or 26 with a viewport; see `decodeBinary`. */
export function encodeCursor(numericId: number, { x, y, viewport, timestamp }: Cursor): Frame {
  const view = new DataView(new ArrayBuffer(viewport === undefined ? 18 : 26));
  place(view, 1, numericId, { x, y, timestamp });
  if (viewport !== undefined) {
    view.setFloat32(18, viewport.x);
    view.setFloat32(22, viewport.y);
  }
  return binaryFrame(new Uint8Array(view.buffer));
}

/** Only a single range of anchor and head has a binary form, and only where a float32 loses nothing of it. */
function encodeSelection(numericId: number, ranges: readonly unknown[], at: number): Frame | undefined {
  const [range] = ranges;
  if (ranges.length !== 1 || !isRecord(range)) return undefined;
  const { anchor, head } = range;
  if (!isExact(anchor) || !isExact(head)) return undefined;
  const view = new DataView(new ArrayBuffer(18));
  place(view, 2, numericId, { x: anchor, y: head, timestamp: at });
  return binaryFrame(new Uint8Array(view.buffer));
}

function isExact(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && Math.fround(value) === value;
}

/** A timestamp's low 32 bits are what fits. */
function place(view: DataView, type: number, numericId: number, { x, y, timestamp }: Cursor): void {
  view.setUint16(0, type);
  view.setUint32(2, numericId);
  view.setFloat32(6, x);
  view.setFloat32(10, y);
  view.setUint32(14, Math.floor(timestamp) % 0x1_0000_0000);
}

type Joined = Omit<RoomJoined, 'documentState' | 'operations' | 'participants'> & {
  readonly type: RoomJoined['documentState']['type'];
  readonly checksum: string;
  readonly participants: readonly Participant[];
};

/** Content and operations are JSON text already and are put in as they are. */
export function roomJoined(
  { roomId, participants, version, recovered, type, checksum }: Joined,
  state: { readonly content: string } | { readonly operations: readonly LoggedOperation[] },
  at: number,
): Frame {
  const document = JSON.stringify({ type, checksum });
  const content = 'content' in state ? `${document.slice(0, -1)},"content":${state.content}}` : document;
  const missed = 'operations' in state ? `,"operations":[${state.operations.map(appliedText).join(',')}]` : '';
  const rest = JSON.stringify({ roomId, participants, version, recovered }).slice(0, -1);
  return textFrame(`${before('room_joined', { at, roomId })}${rest},"documentState":${content}${missed}}}`);
}

function appliedText({ id, userId, baseVersion, version, operation }: LoggedOperation): string {
  const rest = JSON.stringify({ id, userId, version: baseVersion, transformedVersion: version });
  return `${rest.slice(0, -1)},"operation":${operation}}`;
}
