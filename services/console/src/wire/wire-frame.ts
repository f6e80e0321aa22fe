export type WireDialect = 'chat' | 'topics' | 'collab' | 'watch' | 'party';

export type Direction = 'in' | 'out';

/** A frame as it crossed the wire. */
export interface WireFrame {
  readonly kind: 'frame';
  readonly id: number;
  readonly at: number;
  readonly dialect: WireDialect;
  /** Which socket, by number. */
  readonly socket: number;
  readonly direction: Direction;
  /** Of the dialect: `Broadcast`, `MESSAGE_CREATE`; `binary` for binary frames, `?` for what has none. */
  readonly type: string;
  readonly text: string | undefined;
  readonly bytes: Uint8Array | undefined;
  /** How many older happenings it brought after a reconnect; 0 for what is new. */
  readonly replayed: number;
}

/** Something that happened to a socket, or to all. */
export interface WireNote {
  readonly kind: 'note';
  readonly id: number;
  readonly at: number;
  readonly dialect: WireDialect | undefined;
  readonly what: 'opened' | 'closed' | 'failed' | 'cut' | 'restored' | 'moved';
  readonly text: string;
}

export type WireEntry = WireFrame | WireNote;

const PATHS: Readonly<Record<string, WireDialect>> = {
  '/ws/chat': 'chat',
  '/ws/topics': 'topics',
  '/ws/collab': 'collab',
  '/ws/device': 'watch',
  '/ws/viewer': 'watch',
  '/ws/party': 'party',
};

export function dialectAt(path: string): WireDialect {
  return PATHS[path] ?? 'chat';
}
