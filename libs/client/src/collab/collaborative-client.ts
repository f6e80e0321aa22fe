import type { DocumentTypeEntry } from '@parley/ot';
import { withDefaults, type ConnectionConfig } from '../transport/connection-options.js';
import type { ConnectionStatus } from '../transport/connection-status.js';
import { Emitter, type Handler } from '../transport/emitter.js';
import { ParleyError } from '../transport/parley-error.js';
import { uuid } from '../transport/uuid.js';
import type { WaitOptions } from '../transport/wait.js';
import type { BinaryPresence, Position } from './binary-frames.js';
import type { CollabEvents } from './collab-events.js';
import { CollabLink } from './collab-link.js';
import { errorOf, type Received } from './collab-messages.js';
import { Pace } from './pace.js';
import type { Operation, Range, Room } from './room.js';
import { RoomSession, type RoomHost } from './room-session.js';

export interface ClientConfig extends ConnectionConfig {
  /** The document types that may be met, such as `textType` of `@parley/ot/text`. Those left out are not bundled. */
  readonly types: readonly DocumentTypeEntry[];
  /** What tells this device from the user's others; made up when left out. */
  readonly deviceId?: string | undefined;
  /** Cursors as binary frames of 18 or 26 bytes; default true. */
  readonly binaryCursors?: boolean | undefined;
  /** Of this user's selections; default: the color that the room gave them. */
  readonly selectionColor?: string | undefined;
}

export interface RoomOptions {
  /** Default: the room that was joined last. */
  readonly roomId?: string;
}

/** Shared documents over one connection that comes back by itself. */
export class CollaborativeClient {
  private readonly events = new Emitter<CollabEvents>();
  private readonly link: CollabLink;
  private readonly rooms = new Map<string, RoomSession>();
  private readonly host: RoomHost;
  private readonly answerTimeoutMs: number;
  private currentRoom: RoomSession | undefined;
  /** The one that the server takes a binary frame for. */
  private latestJoined: string | undefined;

  constructor(config: ClientConfig) {
    const { timers, answerTimeoutMs } = withDefaults(config);
    this.answerTimeoutMs = answerTimeoutMs;
    const { binaryCursors: binary = true, selectionColor } = config;
    this.link = new CollabLink(
      config,
      { deviceId: config.deviceId ?? uuid(), binary },
      {
        moved: (status) => this.moved(status),
        connected: (connected) => this.events.emit('connected', connected),
        received: (message) => this.received(message),
        receivedBinary: (presence) => this.receivedBinary(presence),
      },
    );
    this.host = {
      timers,
      selectionColor,
      pace: new Pace(timers),
      types: new Map(config.types.map((entry) => [entry.name, entry])),
      userId: () => this.link.connected?.userId,
      online: () => this.link.connection.ready,
      say: (type, payload, about) => this.link.say(type, payload, about),
      sayCursor: (roomId, position) => this.link.sayCursor(roomId, position, roomId === this.latestJoined),
      joined: (roomId) => {
        this.latestJoined = roomId;
      },
      lost: (room, error) => this.lost(room, error),
    };
  }

  get status(): ConnectionStatus {
    return this.link.connection.status;
  }

  /** The room that was joined last and is not left. */
  get room(): Room | undefined {
    return this.currentRoom;
  }

  /** One that was joined and is not left. */
  getRoom(roomId: string): Room | undefined {
    return this.rooms.get(roomId);
  }

  get userId(): string | undefined {
    return this.link.connected?.userId;
  }

  get connectionId(): string | undefined {
    return this.link.connected?.connectionId;
  }

  /** Resolves when the server has said welcome. Only `disconnect()`, or a refusal for good, ends the attempts. */
  connect(options?: WaitOptions): Promise<void> {
    return this.link.connection.connect(options);
  }

  /** Goes offline. Rooms and what was edited are kept, and are there again after the next `connect()`. */
  disconnect(): void {
    this.link.connection.disconnect();
  }

  /** Resolves with the document there. Without a connection it waits for one. */
  joinRoom(roomId: string, options: WaitOptions = {}): Promise<Room> {
    const known = this.rooms.get(roomId);
    const room = known ?? new RoomSession(roomId, this.host);
    this.rooms.set(roomId, room);
    this.currentRoom = room;
    this.events.emit('rooms', room);
    const entered = room.entered({ timeoutMs: this.answerTimeoutMs, ...options });
    if (known === undefined && this.link.connection.ready) room.connectionChanged(true);
    return entered;
  }

  /** What the server has not acknowledged by now may not arrive: `await room.document.saved()` first. */
  leaveRoom(roomId: string): void {
    const room = this.rooms.get(roomId);
    if (room === undefined) return;
    this.forget(room);
    room.leave();
  }

  on<K extends keyof CollabEvents>(event: K, handler: Handler<CollabEvents[K]>): () => void {
    return this.events.on(event, handler);
  }

  off<K extends keyof CollabEvents>(event: K, handler: Handler<CollabEvents[K]>): void {
    this.events.off(event, handler);
  }

  /**
   * Seen at once, sent when that is possible, applied exactly once. Resolves when it is durable, which offline may take
   * long: bound the wait with `timeoutMs` or `signal`; the operation itself stays.
   */
  async sendOperation(operation: Operation, { roomId, ...bounds }: RoomOptions & WaitOptions = {}): Promise<void> {
    await this.roomOf(roomId).document.submit(operation, bounds);
  }

  /** Of what comes faster than 60 times a second, the newest counts. */
  updateCursor(position: Position, { roomId }: RoomOptions = {}): void {
    this.roomOf(roomId).updateCursor(position);
  }

  /** Of what comes faster than 10 times a second, the newest counts. */
  updateSelection(ranges: readonly Range[], { roomId }: RoomOptions = {}): void {
    this.roomOf(roomId).updateSelection(ranges);
  }

  private roomOf(roomId: string | undefined): RoomSession {
    const room = roomId === undefined ? this.currentRoom : this.rooms.get(roomId);
    if (room === undefined) throw new ParleyError('invalid', 'no such room was joined');
    return room;
  }

  private moved(status: ConnectionStatus): void {
    const online = status.state === 'ready';
    if (!online) this.latestJoined = undefined;
    if (online || status.state !== 'connecting') {
      for (const room of [...this.rooms.values()]) room.connectionChanged(online);
    }
    if (status.state === 'idle' || status.state === 'ended') {
      const error =
        status.state === 'ended' ? status.error : new ParleyError('disconnected', 'disconnect() was called');
      for (const room of [...this.rooms.values()]) room.notEntering(error);
    }
    this.events.emit('status', status);
  }

  private received(message: Received): void {
    if (message.type === 'error') {
      const heard = [...this.rooms.values()].some((room) => room.received(message));
      if (heard) return;
      const error = errorOf(message.payload);
      // A close may follow, for this reason.
      this.link.connection.heardWhy(error);
      this.events.emit('error', error);
      return;
    }
    if (message.roomId !== undefined) this.rooms.get(message.roomId)?.received(message);
  }

  /** Binary frames name no room, and users have a number per room: where two rooms know it, nobody can say who it is. */
  private receivedBinary(presence: BinaryPresence): void {
    const [room, ...others] = [...this.rooms.values()].filter((one) => one.knows(presence.numericId));
    if (others.length === 0) room?.receivedBinary(presence);
  }

  private lost(room: RoomSession, error: ParleyError): void {
    if (this.rooms.get(room.id) !== room) return;
    this.forget(room);
    room.end(error);
    this.events.emit('roomLost', room, error);
  }

  private forget(room: RoomSession): void {
    this.rooms.delete(room.id);
    if (this.latestJoined === room.id) this.latestJoined = undefined;
    if (this.currentRoom === room) this.currentRoom = [...this.rooms.values()].at(-1);
    this.events.emit('rooms', this.currentRoom);
  }
}
