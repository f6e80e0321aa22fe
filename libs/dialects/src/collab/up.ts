import { ConnectionId, RoomId } from '@parley/contracts';
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { protocol } from './version.js';

/** What clients send. Unknown fields are ignored everywhere, so that newer clients can talk to older servers. */
export const MAX_BATCH = 100;
export const MAX_OPERATION_BYTES = 1_048_576;
export const MAX_RANGES = 100;
export const MAX_RANGES_BYTES = 16_384;
/** Of a batch's JSON, once it is unpacked: the largest operation fits, and what is around it. */
export const MAX_UNPACKED_BYTES = 2_097_152;
const MAX_TOKEN = 8_192;

/** UUIDs of any version, as any client's library writes them. */
export const MessageId = Type.String({
  pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
  description: 'UUID',
});

function message<N extends string, P extends TSchema>(type: N, payload: P) {
  return Type.Object({
    id: MessageId,
    type: Type.Literal(type),
    version: Type.Literal(protocol),
    timestamp: Type.Number({ description: 'ms since 1970, of the client' }),
    payload,
    sessionId: Type.Optional(Type.String({ maxLength: 256 })),
    /** Without it, the room that was joined last. */
    roomId: Type.Optional(RoomId),
    targetUserId: Type.Optional(Type.String({ maxLength: 256 })),
    acknowledgment: Type.Optional(Type.Boolean()),
  });
}

const Token = Type.String({ minLength: 1, maxLength: MAX_TOKEN });

export const Connect = message(
  'connect',
  Type.Object({
    token: Token,
    deviceId: Type.String({ maxLength: 256 }),
    clientVersion: Type.String({ maxLength: 256 }),
    /** The earlier connection, whose place this one takes. */
    connectionId: Type.Optional(ConnectionId),
    /** Cursors as binary frames. */
    binary: Type.Optional(Type.Boolean()),
  }),
);

export const JoinRoom = message(
  'join_room',
  Type.Object({
    roomId: RoomId,
    lastSyncVersion: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
);

export const LeaveRoom = message('leave_room', Type.Object({ roomId: RoomId }));

/** What a float32 can hold: cursors travel as such to those who prefer binary frames. */
const LARGEST = 3.4028234663852886e38;
const Coordinate = Type.Number({ minimum: -LARGEST, maximum: LARGEST });

export const CursorMove = message(
  'cursor_move',
  Type.Object({
    x: Coordinate,
    y: Coordinate,
    viewportX: Coordinate,
    viewportY: Coordinate,
    timestamp: Type.Number({ minimum: 0 }),
  }),
);

export const SelectionChange = message(
  'selection_change',
  Type.Object({
    /** Whatever a range is to the editor. */
    ranges: Type.Array(Type.Object({}), { maxItems: MAX_RANGES }),
    color: Type.String({ maxLength: 64 }),
  }),
);

export const Operation = message(
  'operation',
  Type.Object({
    operation: Type.Unknown(),
    version: Type.Integer({ minimum: 1 }),
    checksum: Type.Optional(Type.String({ maxLength: 256 })),
  }),
);

export const Ping = message('ping', Type.Object({ timestamp: Type.Number() }));

/** Items are checked one by one, so that a bad one does not spoil the others. */
export const Batch = message(
  'batch',
  Type.Object({
    /** Compressed: base64 of gzip of the JSON array. */
    messages: Type.Union([Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_BATCH }), Type.String()]),
    compressed: Type.Boolean(),
  }),
);

/** Extension: a fresh token for the same user. */
export const Auth = message('auth', Type.Object({ token: Token }));

/** Every message, by its type. */
export const up = {
  connect: Connect,
  join_room: JoinRoom,
  leave_room: LeaveRoom,
  cursor_move: CursorMove,
  selection_change: SelectionChange,
  operation: Operation,
  ping: Ping,
  batch: Batch,
  auth: Auth,
} as const;
export type UpType = keyof typeof up;

export type UpConnect = Static<typeof Connect>;
export type UpJoinRoom = Static<typeof JoinRoom>;
export type UpLeaveRoom = Static<typeof LeaveRoom>;
export type UpPing = Static<typeof Ping>;
export type UpAuth = Static<typeof Auth>;

/** What every message has that the session acts upon. */
interface Head {
  readonly id: string;
  readonly roomId?: RoomId;
  readonly acknowledgment?: boolean;
}

export interface Cursor {
  readonly x: number;
  readonly y: number;
  readonly viewport?: { readonly x: number; readonly y: number };
  readonly timestamp: number;
}

export interface UpCursorMove extends Head {
  readonly type: 'cursor_move';
  readonly cursor: Cursor;
}

/** `ranges` is the JSON array as the client wrote it. */
export interface UpSelectionChange extends Head {
  readonly type: 'selection_change';
  readonly ranges: Uint8Array;
  readonly color: string;
}

/** `operation` is byte for byte as the client wrote it. */
export interface UpOperation extends Head {
  readonly type: 'operation';
  readonly operation: Uint8Array;
  readonly version: number;
  readonly checksum: string | undefined;
}

/** `items` are the messages' own bytes; each is decoded in its turn. */
export interface UpBatch extends Head {
  readonly type: 'batch';
  readonly items: readonly Uint8Array[];
}

/** `packed` is gzip. */
export interface UpPackedBatch extends Head {
  readonly type: 'packed_batch';
  readonly packed: Uint8Array;
}

/** A binary frame: it has no id, and means the room that was joined last. */
export type UpBinary =
  | { readonly type: 'binary_cursor'; readonly cursor: Cursor }
  | { readonly type: 'binary_selection'; readonly anchor: number; readonly head: number };

/** A client's message as the session handles it. */
export type UpText =
  | UpConnect
  | UpJoinRoom
  | UpLeaveRoom
  | UpCursorMove
  | UpSelectionChange
  | UpOperation
  | UpPing
  | UpBatch
  | UpPackedBatch
  | UpAuth;
export type UpMessage = UpText | UpBinary;
