import type { UpType } from '@parley/dialects/collab/up';
import { Connection, type Sent } from '../transport/connection.js';
import type { ConnectionConfig } from '../transport/connection-options.js';
import type { ConnectionStatus } from '../transport/connection-status.js';
import { frameOf } from '../transport/frame-size.js';
import type { ReceivedFrame } from '../transport/line.js';
import { uuid } from '../transport/uuid.js';
import { endpointUrl } from '../transport/websocket.js';
import { decodeBinary, encodeCursor, type BinaryPresence, type Position } from './binary-frames.js';
import { receivedOf, type Connected, type Received } from './collab-messages.js';

export interface LinkEvents {
  moved(status: ConnectionStatus): void;
  connected(connected: Connected): void;
  received(message: Received): void;
  receivedBinary(presence: BinaryPresence): void;
}

export interface LinkOptions {
  readonly deviceId: string;
  readonly binary: boolean;
}

export interface About {
  readonly id?: string;
  readonly roomId?: string;
}

const PATH = '/ws/collab';
const VERSION = 1;
const CLIENT_VERSION = 'parley-js/0.1.0';
/** While so much waits in the socket, a cursor is better sent later and newer. */
const BUSY_BYTES = 65_536;

/** The dialect's messages over a connection. */
export class CollabLink {
  readonly connection: Connection;
  private hello: Connected | undefined;

  constructor(
    config: ConnectionConfig,
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
  ) {
    this.connection = new Connection(config, {
      endpoint: () => ({ url: endpointUrl(config.url, PATH).href, protocols: [] }),
      greeting: (token) => this.greeting(token),
      heartbeat: (now) => write('ping', { timestamp: now }),
      renewal: (token) => write('auth', { token }),
      received: (frame) => this.received(frame),
      moved: (status) => events.moved(status),
    });
  }

  /** Of the newest connection. */
  get connected(): Connected | undefined {
    return this.hello;
  }

  say(type: UpType, payload: unknown, about: About): Sent {
    return this.connection.send(write(type, payload, about));
  }

  /** False: not now. A binary frame names no room: the server takes it for the one that was joined last. */
  sayCursor(roomId: string, position: Position, isLatestRoom: boolean): boolean {
    if (!this.connection.ready || this.connection.buffered > BUSY_BYTES) return false;
    const now = Date.now();
    if (this.options.binary && isLatestRoom) return this.connection.send(encodeCursor(position, now)) === 'sent';
    const { x, y, viewportX = 0, viewportY = 0 } = position;
    return this.say('cursor_move', { x, y, viewportX, viewportY, timestamp: now }, { roomId }) === 'sent';
  }

  private greeting(token: string): string {
    const { deviceId, binary } = this.options;
    const earlier = this.hello === undefined ? {} : { connectionId: this.hello.connectionId };
    return write('connect', { token, deviceId, clientVersion: CLIENT_VERSION, binary, ...earlier });
  }

  private received(frame: ReceivedFrame): void {
    if (typeof frame !== 'string') {
      const presence = decodeBinary(frame);
      if (presence !== undefined) this.events.receivedBinary(presence);
      return;
    }
    const message = receivedOf(frame);
    if (message?.type === 'connected') {
      this.hello = message.payload;
      this.events.connected(message.payload);
      this.connection.established();
    } else if (message !== undefined) this.events.received(message);
  }
}

function write(type: UpType, payload: unknown, { id = uuid(), roomId }: About = {}): string {
  const room = roomId === undefined ? {} : { roomId };
  return frameOf({ id, type, version: VERSION, timestamp: Date.now(), ...room, payload });
}
