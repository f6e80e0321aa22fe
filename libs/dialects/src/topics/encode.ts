import {
  directMessage,
  notificationSent,
  presenceChanged,
  topicMessage,
  userNotificationSent,
  type DirectMessage,
  type MessageMetadata,
  type Notification,
  type Presence,
  type StoredTopicMessage,
  type TopicMessage,
} from '@parley/contracts';
import { send, type Commands, type SendCommand } from '../command.js';
import { encoder, encoders, type Encoded } from '../dialect.js';
import { binaryFrame, jsonFrame, MUST, textFrame, type Frame } from '../frame.js';
import { concat } from '../json-text.js';
import { binaryTypeByte } from './decode.js';
import type { Ack, Down, PresenceOf } from './down.js';
import type { BinaryType } from './up.js';

const utf8 = new TextEncoder();

/** Events as frames; each is built once for every receiver of a pod, payloads byte for byte as they were published. */
export const topicsEncoders = encoders(
  encoder(topicMessage, ({ raw, payload: message, body }) => {
    if (body === undefined) return undefined;
    return encoded(topicFrames(message, raw.sequence, body), message.metadata);
  }),
  encoder(directMessage, ({ payload: message, body }) => {
    if (body === undefined) return undefined;
    return encoded(directFrames(message, body), message.metadata);
  }),
  encoder(notificationSent, ({ payload }) => encoded([notificationFrame(payload)])),
  encoder(userNotificationSent, ({ payload }) => encoded([notificationFrame(payload)])),
  encoder(presenceChanged, ({ payload }) => ({
    frames: [jsonFrame({ type: 'Presence', data: presenceOf(payload) })],
    delivery: { class: 'newest', key: `presence:${payload.userId}` },
  })),
);

function encoded(frames: readonly Frame[], metadata?: MessageMetadata): Encoded {
  return { frames, delivery: MUST, ...(metadata?.['priority'] === 'high' ? { urgent: true } : {}) };
}

function topicFrames(message: TopicMessage, sequence: number, body: Uint8Array): readonly Frame[] {
  const { format } = message;
  if (format !== 'json') return binaryFrames({ ...message, format, topic: message.topic, sequence }, body);
  const metadata = { ...message.metadata, sent_at: message.sentAt, message_id: message.messageId, sequence };
  return [payloadFrame('Broadcast', `"topic":${JSON.stringify(message.topic)}`, body, metadata)];
}

/** A direct message as its recipient gets it, live or from the queue. */
export function directFrames(message: DirectMessage, body: Uint8Array): readonly Frame[] {
  const { format } = message;
  if (format !== 'json') return binaryFrames({ ...message, format }, body);
  const metadata = { ...message.metadata, sent_at: message.sentAt, message_id: message.messageId };
  return [payloadFrame('DirectMessage', `"from_user":${JSON.stringify(message.from)}`, body, metadata)];
}

function payloadFrame(type: string, member: string, payload: Uint8Array, metadata: MessageMetadata): Frame {
  const head = utf8.encode(`{"type":"${type}","data":{${member},"payload":`);
  const tail = utf8.encode(`,"metadata":${JSON.stringify(metadata)}}}`);
  return textFrame(concat([head, payload, tail]));
}

interface BinaryMessage {
  readonly from: string | null;
  readonly topic?: string;
  readonly format: BinaryType;
  readonly checksum?: string;
  readonly messageId: string;
  readonly name?: string;
  readonly sequence?: number;
}

/** The announcement, directly followed by the frame as its sender sent it. */
function binaryFrames(message: BinaryMessage, body: Uint8Array): readonly Frame[] {
  const announcement: Down = {
    type: 'Binary',
    data: {
      from_user: message.from,
      ...(message.topic === undefined ? {} : { topic: message.topic }),
      type: message.format,
      size: body.length,
      checksum: message.checksum ?? '',
      message_id: message.messageId,
      ...(message.name === undefined ? {} : { name: message.name }),
      ...(message.sequence === undefined ? {} : { sequence: message.sequence }),
    },
  };
  return [jsonFrame(announcement), encodeBinary(message.format, body)];
}

export function encodeBinary(format: BinaryType, body: Uint8Array): Frame {
  const header = new Uint8Array(5);
  header[0] = binaryTypeByte[format];
  new DataView(header.buffer).setUint32(1, body.length);
  return binaryFrame(concat([header, body]));
}

function notificationFrame({ level, title, message, actions }: Notification): Frame {
  return jsonFrame({ type: 'Notification', data: { level, title, message, actions } });
}

export function presenceOf(presence: Presence): PresenceOf {
  return {
    user_id: presence.userId,
    status: presence.status,
    last_seen: presence.lastSeen,
    metadata: presence.metadata,
  };
}

/** Stored payloads are JSON text already and are put into the page as they are. */
export function historyFrame(topic: string, messages: readonly StoredTopicMessage[], more: boolean): Frame {
  const items = messages.map((message) => {
    const { sentAt, messageId, sequence } = message;
    const metadata = JSON.stringify({ ...message.metadata, sent_at: sentAt, message_id: messageId, sequence });
    if (message.format === 'json') return `{"payload":${message.payload},"metadata":${metadata}}`;
    const { format: type, checksum, name } = message;
    const payload = JSON.stringify(message.payload);
    return `{"payload":${payload},"binary":${JSON.stringify({ type, checksum, name })},"metadata":${metadata}}`;
  });
  const page = `{"topic":${JSON.stringify(topic)},"messages":[${items.join(',')}],"more":${String(more)}}`;
  return textFrame(`{"type":"History","data":${page}}`);
}

export function reply(message: Down): SendCommand {
  return send(jsonFrame(message));
}

/** The answer to a message that carried an id; nothing for one that did not. */
export function acknowledge(id: string | undefined, status: string): Commands {
  return id === undefined ? [] : [reply(ack({ message_id: id, status }))];
}

export function ack(data: Ack['data']): Ack {
  return { type: 'Ack', data };
}
