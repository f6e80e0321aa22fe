import type {
  ConnectionId,
  ErrorCode,
  EventDefinition,
  ExtensionReply,
  ExtensionRequest,
  LoginId,
  Outcome,
  RequestDefinition,
  TopicGrants,
  TransportErrorCode,
  UserId,
} from '@parley/contracts';
import type { Static, TSchema } from '@sinclair/typebox';
import type { Delivery, Frame } from './frame.js';

/** A verified access token. */
export interface Login {
  readonly userId: UserId;
  readonly loginId: LoginId;
  readonly username: string;
  /** ms since 1970 */
  readonly expiresAt: number;
  readonly grants?: TopicGrants;
  /**
   * No account: a device, or somebody who came without one. `userId` is then an id of its own that no user has; such a
   * connection counts for limits, inspection and revocation, but nobody is told of its presence.
   */
  readonly guest?: { /** Whoever answers for it: their being banned ends it too. */ readonly sponsor?: UserId };
}

/**
 * What a session asks of the gateway. The set is closed and speaks of no dialect, so a new dialect needs no change in
 * the gateway; what varies (which request, which answer) travels as data and continuations. Commands are carried out in
 * order; those that wait hold back the frames behind them, except `background`.
 */
export type Command =
  | SendCommand
  | CloseCommand
  | StrikeCommand
  | AuthenticateCommand
  | LogInCommand
  | RenewCommand
  | CallCommand
  | BackgroundCommand
  | JoinCommand
  | LeaveCommand
  | FlushedCommand
  | TimerCommand
  | SkipCommand
  | EmitCommand
  | PreferAlternativeCommand;

export type Commands = readonly Command[];

export interface SendCommand {
  readonly kind: 'send';
  readonly frames: readonly Frame[];
  readonly delivery: Delivery;
}

export interface CloseCommand {
  readonly kind: 'close';
  readonly code: number;
  /** 123 bytes at most. */
  readonly reason: string;
}

/** The frame was bad input and has been answered; too many within a while end the connection. */
export interface StrikeCommand {
  readonly kind: 'strike';
}

/** Verify a token that came inside a frame. */
export interface AuthenticateCommand {
  readonly kind: 'authenticate';
  readonly token: string;
  then(login: Outcome<Login, 'unauthenticated'>): Commands;
}

/** From here on this connection is the user's: it counts for limits, presence and revocation. */
export interface LogInCommand {
  readonly kind: 'log-in';
  readonly login: Login;
  /** An earlier connection of the same user in whose place this one comes: it is ended, and not counted any more. */
  readonly replaces?: ConnectionId;
  then(outcome: Outcome<void, 'limit_exceeded'>): Commands;
}

/** The same user's login goes on with a fresh token. */
export interface RenewCommand {
  readonly kind: 'renew';
  readonly login: Login;
}

/** What a session may ask of the cluster; the bus offers it. */
export interface Caller {
  call<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    request: Static<Q>,
    options?: { readonly body?: Uint8Array },
  ): Promise<Outcome<Static<R>, E | TransportErrorCode>>;
  callExtension(request: ExtensionRequest): Promise<Outcome<ExtensionReply, 'not_found' | TransportErrorCode>>;
  /** Counts who received an event published on `subject`; see `Bus.receipts`. */
  receipts(subject: string): Receipts;
  /** Answers kept for two minutes, for messages that are sent again. */
  remember(key: string, value: unknown): void;
  recall(key: string): Promise<unknown>;
}

export interface Receipts {
  readonly subject: string;
  settled(): Promise<{ readonly count: number; readonly connectionIds: readonly string[] }>;
  cancel(): void;
}

/** Frames of this connection wait until it is done, so that its requests stay in order. */
export interface CallCommand {
  readonly kind: 'call';
  perform(caller: Caller): Promise<Commands>;
}

/** Nothing waits for it; what it returns is carried out when it is done. A connection may have 1,000 of them. */
export interface BackgroundCommand {
  readonly kind: 'background';
  perform(caller: Caller): Promise<Commands>;
}

export interface JoinRequest {
  /** Published subject, `evt.…`; a wildcard where the event's ids are topics. */
  readonly subject: string;
  /** Deliver first what was published after this sequence, as far as the limits allow. */
  readonly recover?: { readonly after: number; readonly limit: number; readonly maxAgeSeconds: number };
}

export interface JoinResult {
  readonly subject: string;
  /** Events with a greater sequence will be delivered. */
  readonly position: number;
  /** Only where recovery was asked for. When incomplete, nothing is replayed: the client has to start afresh. */
  readonly recovered?: { readonly complete: boolean; readonly count: number };
}

/**
 * Receive the events of these subjects. They are held until `then`'s commands are done, then come in order: what was
 * missed, what was held, what is live. Joining twice changes nothing. An error: nothing was joined.
 */
export interface JoinCommand {
  readonly kind: 'join';
  readonly requests: readonly JoinRequest[];
  then(results: Outcome<readonly JoinResult[], 'unavailable' | 'timeout'>): Commands;
}

export interface LeaveCommand {
  readonly kind: 'leave';
  readonly subjects: readonly string[];
}

/** Events of a joined subject up to this sequence are not for this connection: it knows what they say. */
export interface SkipCommand {
  readonly kind: 'skip';
  readonly subject: string;
  readonly upTo: number;
}

/** Where live events go. */
export interface Emitter {
  emit<P extends TSchema>(definition: EventDefinition<P>, id: string, payload: Static<P>, body?: Uint8Array): void;
}

/**
 * News of which only the newest counts: published at once, then at most once per `everyMs` for each key of this connection;
 * of what comes in between, the last. Nothing waits for it.
 */
export interface EmitCommand {
  readonly kind: 'emit';
  readonly key: string;
  readonly everyMs: number;
  publish(emitter: Emitter): void;
}

/** From here on this connection gets events in their other form, where they have one. */
export interface PreferAlternativeCommand {
  readonly kind: 'prefer-alternative';
}

/**
 * What has to be told to a service when a connection is gone. It is asked again while it answers `unavailable` or
 * `timeout`, for a minute at most, and must be safe to repeat.
 */
export type Farewell = (caller: Caller) => Promise<Outcome<unknown>>;

/**
 * Waits until the system has taken every byte that was sent before it: a client that reads slowly is not written faster
 * than it reads. False: not within 20 s, or the socket is gone.
 */
export interface FlushedCommand {
  readonly kind: 'flushed';
  then(flushed: boolean): Commands;
}

/**
 * Calls `session.timer(name)` at that time (to about 100 ms), soon when it has passed; the same name again replaces it,
 * `undefined` cancels.
 */
export interface TimerCommand {
  readonly kind: 'timer';
  readonly name: string;
  readonly at: number | undefined;
}

export const none: Commands = [];

export function call<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
  definition: RequestDefinition<Q, R, E>,
  request: Static<Q>,
  then: (outcome: Outcome<Static<R>, E | TransportErrorCode>) => Commands,
  body?: Uint8Array,
): CallCommand {
  return {
    kind: 'call',
    perform: async (caller) => then(await caller.call(definition, request, body === undefined ? {} : { body })),
  };
}

export function send(frame: Frame, delivery: Delivery = { class: 'must' }): SendCommand {
  return { kind: 'send', frames: [frame], delivery };
}

export function close(code: number, reason: string): CloseCommand {
  return { kind: 'close', code, reason };
}
