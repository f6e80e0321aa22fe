import type {
  ConnectionId,
  DecodedEvent,
  DialectName,
  EventDefinition,
  GatewayId,
  Outcome,
  RawEvent,
} from '@parley/contracts';
import type { Static, TSchema } from '@sinclair/typebox';
import type { Commands, Farewell, Login } from './command.js';
import type { Delivery, Frame } from './frame.js';
import type { Route } from './route.js';
import type { Wire } from './wire.js';

/**
 * A wire protocol as pure functions: frames and events in, frames and commands out. It knows no socket, no bus and no
 * clock but the one it is given; the gateway, the SDK, the load tests and the conformance kit all use it.
 */
export interface Dialect {
  readonly name: DialectName;
  /** Wire version, as its document counts. */
  readonly version: string;
  /** What it says, for AsyncAPI and whoever else wants to know. */
  readonly wire: Wire;
  readonly endpoints: readonly Endpoint[];
  readonly keepAlive: KeepAlive;
  /** How events become frames; one frame serves every receiver of the dialect. Kinds without an encoder are not for it. */
  readonly encoders: ReadonlyMap<string, EventEncoder>;
  /** Kinds that its sessions act upon themselves, besides or instead of being told to the client. */
  readonly observes: ReadonlySet<string>;
  readonly routes?: readonly Route[];
  /** Offered to clients that ask for it, without context takeover, so that a shared frame is compressed once. */
  readonly compression?: Compression;
  open(context: SessionContext): Session;
}

export interface Compression {
  /** Bytes; smaller frames are sent as they are. */
  readonly threshold: number;
  readonly level: number;
  readonly memLevel: number;
  /** Frames being opened at the same time. */
  readonly concurrency: number;
}

export interface Endpoint {
  readonly path: string;
  /** Only on the listener of this role; absent: on all. Roles are the ports that the documents print. */
  readonly listener?: 8080 | 8081 | 8000;
}

export interface KeepAlive {
  /** A connection silent this long (no message, no pong) is ended with `idle`. */
  readonly silentAfterMs: number;
  /** A connection silent this long is asked for a sign of life: a WebSocket ping, and this frame where there is one. */
  readonly probeAfterMs: number;
  probe?(now: number): Frame;
}

export interface SessionContext {
  readonly connectionId: ConnectionId;
  readonly gatewayId: GatewayId;
  readonly endpoint: string;
  readonly query: URLSearchParams;
  /** The upgrade's token as it came, for dialects that know tokens of another kind than access tokens. */
  readonly token: string | undefined;
  readonly limits: SessionLimits;
  /** ms since 1970 */
  now(): number;
  /** SHA-256 in lower-case hex. Injected, so that dialects need no platform's crypto. */
  sha256(bytes: Uint8Array): string;
  /** Undefined: no gzip, or one that holds more than so many bytes; nobody unpacks further to find out. */
  gunzip(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined>;
}

export interface SessionLimits {
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  readonly subscriptions: number;
  readonly operationsPerSecond: number;
  readonly cursorsPerSecond: number;
}

/** Why the gateway ends a connection; each dialect has its own words and close code for every one. */
export type EndReason =
  | 'revoked'
  | 'login_timeout'
  | 'idle'
  | 'bad_input'
  | 'binary_refused'
  | 'too_large'
  | 'slow'
  | 'flooding'
  | 'shutdown'
  | 'rebalance'
  | 'disconnected'
  /** Another connection has come in its place. */
  | 'replaced'
  | 'internal';

/** The memory of one connection. Calls come one at a time, in order. */
export interface Session {
  /**
   * The socket is open. `login` says what the token of the upgrade (`?token=`, `Authorization`, subprotocol) was worth,
   * or undefined when there was none.
   */
  opened(login: Outcome<Login, 'unauthenticated'> | undefined): Commands;
  received(frame: Frame): Commands;
  timer(name: string): Commands;
  /**
   * An event of a kind in `observes`, on a subject that this connection has joined: told in the moment in which it is
   * written to the socket (or held for it), also while a call is under way. What it returns waits its turn.
   */
  observed(event: RawEvent): Commands;
  /** Last words: frames and the close. The gateway closes anyhow. */
  ending(reason: EndReason): Commands;
  /** A round trip to the client was measured by the gateway's own ping, ms. */
  measured?(roundTripMs: number): Commands;
  /** The socket is gone, whatever the reason. Called once. */
  closed(): readonly Farewell[];
}

/** An event in a dialect's words, encoded once for all of its receivers on a pod. */
export interface Encoded {
  /** Written one directly after the other. */
  readonly frames: readonly Frame[];
  readonly delivery: Delivery;
  /** Not held back to leave with others of the same moment. */
  readonly urgent?: boolean;
  /**
   * The same in the dialect's other form (binary frames, an older spelling) for connections that prefer it; absent: they
   * get `frames` too.
   */
  readonly alternative?: readonly Frame[];
  /** A connection that does not get it, such as its sender's. */
  readonly except?: ConnectionId;
  /** What `except` gets in its place, such as an acknowledgment. */
  readonly instead?: readonly Frame[];
}

export interface EventEncoder {
  readonly kind: string;
  /** Several, in order, for an event that tells of several things. Undefined: not for this dialect, or it does not fit its schema. */
  encode(event: RawEvent): Encoded | readonly Encoded[] | undefined;
}

export function encoder<P extends TSchema>(
  definition: EventDefinition<P>,
  encode: (event: DecodedEvent<Static<P>>) => Encoded | readonly Encoded[] | undefined,
): EventEncoder {
  return {
    kind: definition.kind,
    encode(raw) {
      const event = definition.decode(raw);
      return event === undefined ? undefined : encode(event);
    },
  };
}

export function encoders(...list: readonly EventEncoder[]): ReadonlyMap<string, EventEncoder> {
  return new Map(list.map((one) => [one.kind, one]));
}
