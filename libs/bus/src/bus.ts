import type {
  AppError,
  ErrorCode,
  EventDefinition,
  ExtensionReply,
  ExtensionRequest,
  GatewayId,
  GatewayInfo,
  Outcome,
  RawEvent,
  RequestDefinition,
  StreamName,
  TransportErrorCode,
} from '@parley/contracts';
import type { Static, TSchema } from '@sinclair/typebox';

/** What a request handler gets beside the request: the bytes that came with it. */
export interface RequestContext {
  readonly body: Uint8Array | undefined;
}

export type Handler<Q extends TSchema, R extends TSchema, E extends ErrorCode> = (
  request: Static<Q>,
  context: RequestContext,
) => Promise<Outcome<Static<R>, E | TransportErrorCode>>;

export interface CallOptions {
  readonly body?: Uint8Array;
  /** Instead of the definition's own. */
  readonly deadlineMs?: number;
}

export interface ServeOptions {
  /** Requests handled at once, default 64. */
  readonly concurrency?: number;
  /** Requests that may wait for that, default 4,096; more are answered `unavailable`. */
  readonly waiting?: number;
}

export interface ShardOptions<Q extends TSchema> {
  /**
   * By default every request of a shard, whatever its definition, is handled one at a time: the shard is one lane. With
   * this, each key is a lane: requests with the same key, of any definition served for the shard, keep their order;
   * a slow one does not hold up other keys. Definitions that must keep order among each other give the same keys.
   */
  readonly lane?: (request: Static<Q>) => string;
}

/** Handles go away with `stop`: no new work is taken, what is under way is finished. */
export interface Stoppable {
  stop(): Promise<void>;
}

export interface PublishOptions {
  readonly body?: Uint8Array;
  /** Idempotency key within the stream's two-minute window. */
  readonly messageId: string;
  /** A receipts subject (see `Bus.receipts`): gateways report there how many connections they wrote to. */
  readonly receiptsTo?: string;
  /** How long to try, restarts of NATS included; instead of the bus's own (5,000). */
  readonly deadlineMs?: number;
}

export interface EncodedPublishOptions extends Omit<PublishOptions, 'body'> {
  /** W3C context of the write that the event tells of; default: the active one, if it is recorded. */
  readonly traceparent?: string;
}

export interface Published {
  readonly sequence: number;
  /** The key was seen before: stored and delivered then, not now. */
  readonly duplicate: boolean;
}

export type PublishOutcome = Outcome<Published, 'unavailable' | 'timeout' | 'internal'>;

/** A received event that may ask for receipts. */
export interface ReceivedEvent extends RawEvent {
  readonly receiptsTo: string | undefined;
  /** W3C context of the publisher, undefined when not sampled. */
  readonly traceparent: string | undefined;
}

export interface EventSubscription {
  readonly subject: string;
  unsubscribe(): void;
}

export interface ReadOptions {
  readonly stream: StreamName;
  /** Published subject, wildcards allowed: `evt.topic.chat.*`. */
  readonly subject: string;
  /** Only events with a greater sequence. */
  readonly after: number;
  readonly limit: number;
}

export interface ReadResult {
  /** Oldest first. */
  readonly events: readonly ReceivedEvent[];
  /** There may be more after the last one. */
  readonly more: boolean;
  /** The oldest sequence that the stream still holds, of any subject. */
  readonly firstSequence: number;
}

/** One gateway's answer to an event: which of its connections were written to. */
export interface Receipt {
  readonly gatewayId: GatewayId;
  readonly count: number;
  readonly connectionIds: readonly string[];
}

export interface ReceiptsResult {
  readonly count: number;
  readonly connectionIds: readonly string[];
  /** Some gateway that was waited for had not answered by the deadline. */
  readonly incomplete: boolean;
}

export interface PendingReceipts {
  /** Give it to the publication as `receiptsTo`. */
  readonly subject: string;
  /**
   * Resolves when every gateway that is known has answered, or after `deadlineMs` from now (default: the bus's `receiptsMs`).
   * Call it once, after the publication was acknowledged.
   */
  settled(deadlineMs?: number): Promise<ReceiptsResult>;
  /** Nothing was published after all. */
  cancel(): void;
}

export type BusStatus = 'connected' | 'disconnected';

export interface LeaseEvents {
  /** New, or back after it was lost. */
  joined(info: GatewayInfo): void;
  /**
   * Told only by a process that has itself been connected for a full lease time, unless the gateway said goodbye
   * (`graceful`), which is told at once.
   */
  lost(info: GatewayInfo, graceful: boolean): void;
  /**
   * After a full lease time of unbroken connection, once per connection: whoever is not in `alive` is gone, also those
   * who went while nobody watched. Compare it with what is stored.
   */
  settled?(alive: readonly GatewayInfo[]): void;
}

/** The only door to NATS. Everything has a deadline; nothing throws across it but programming errors. */
export interface Bus {
  call<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    request: Static<Q>,
    options?: CallOptions,
  ): Promise<Outcome<Static<R>, E | TransportErrorCode>>;

  /** Queue group per service: one replica answers. */
  serve<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    handler: Handler<Q, R, E>,
    options?: ServeOptions,
  ): Stoppable;

  /**
   * Requests of one shard, handled in the order received, one at a time, across all definitions served for the shard by
   * this process (see `ShardOptions.lane`). A request that has waited longer than its definition's deadline is
   * answered `timeout` and not handled.
   */
  serveShard<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    shard: number,
    handler: Handler<Q, R, E>,
    options?: ShardOptions<Q>,
  ): Stoppable;

  /** One gateway's side of requests that are asked of that gateway by its id (`gateway` in their definition). */
  serveAt<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    gatewayId: GatewayId,
    handler: Handler<Q, R, E>,
  ): Stoppable;

  /**
   * Durable: resolves when the stream has it. Not for `live` kinds. Sent again with the same message id until it is
   * acknowledged or the deadline passes. Publications of one process are stored in the order of the calls, a restart of
   * NATS included.
   */
  publish<P extends TSchema>(
    definition: EventDefinition<P>,
    id: string,
    payload: Static<P>,
    options: PublishOptions,
  ): Promise<PublishOutcome>;

  /** The same for one that was encoded before (an outbox row): `data` is the envelope. */
  publishEncoded(ingressSubject: string, data: Uint8Array, options: EncodedPublishOptions): Promise<PublishOutcome>;

  /** Live: fire and forget; the newest wins. */
  emit<P extends TSchema>(definition: EventDefinition<P>, id: string, payload: Static<P>, body?: Uint8Array): void;

  /** Plain core NATS subscription of a published subject; the handler must not throw or block. */
  subscribe(subject: string, handler: (event: ReceivedEvent) => void): EventSubscription;

  /** Resolves when the server has processed every subscription made before it. */
  flush(): Promise<Outcome<void, 'unavailable' | 'timeout'>>;

  /**
   * The last sequence of the stream, asked after every subscription made before: what is stored later reaches them.
   * Calls made while one is under way share the next.
   */
  position(stream: StreamName): Promise<Outcome<number, 'unavailable' | 'timeout'>>;

  /**
   * Changes when a stream was made anew (its store was lost), after which sequences start again from 1. As of the last
   * `position`, or of the last connection.
   */
  epoch(stream: StreamName): string;

  /**
   * Reads stored events. In a result, an event's `previous` is the one before it on its subject there, 0 for the first.
   * At most four reads at a time; others wait their turn.
   */
  read(options: ReadOptions): Promise<Outcome<ReadResult, 'unavailable' | 'timeout'>>;

  /**
   * Opens a place for receipts of one event on `subject` and asks the other gateways whether they have receivers there,
   * so that those without need not be waited for.
   */
  receipts(subject: string): PendingReceipts;
  /** A gateway's side of it: answers for an event, and says which subjects it has receivers for. */
  answerReceipts(gatewayId: GatewayId, interest: (subject: string) => boolean): Stoppable;
  sendReceipt(event: ReceivedEvent, receipt: Receipt): void;

  /** Holds a gateway's lease (TTL 6 s), registering anew after every reconnect. */
  holdLease(info: () => GatewayInfo): Promise<Outcome<Stoppable, 'unavailable' | 'timeout'>>;
  watchLeases(events: LeaseEvents): Promise<Outcome<Stoppable, 'unavailable' | 'timeout'>>;
  /** Gateways whose lease is known to be alive now, this process's own included. Needs `watchLeases`. */
  gateways(): readonly GatewayInfo[];

  /** Asks whichever backend has registered the name; `not_found` when none has. */
  callExtension(
    request: ExtensionRequest,
    options?: CallOptions,
  ): Promise<Outcome<ExtensionReply, 'not_found' | TransportErrorCode>>;
  serveExtension<S extends TSchema>(
    name: string,
    dataSchema: S,
    handler: (data: Static<S>, sender: Pick<ExtensionRequest, 'userId' | 'connectionId'>) => Promise<unknown>,
  ): Stoppable;

  /** A small value shared for two minutes (answers of idempotent messages). Best effort: a miss is no error. */
  remember(key: string, value: unknown): void;
  recall(key: string): Promise<unknown>;

  /** The largest message that the server takes, in bytes: envelope and body. */
  maxBytes(): number;
  status(): BusStatus;
  onStatus(listener: (status: BusStatus) => void): Stoppable;
  /** A fault that should make the process unready: a refused permission, a lagging subscription. */
  onFault(listener: (fault: AppError) => void): Stoppable;
  /** The faults that stand now; a lagging connection ends by itself, a refused permission does not. */
  faults(): readonly AppError[];

  /** Stops taking work, finishes what is under way, closes. At most `deadlineMs` (default 5,000). */
  close(deadlineMs?: number): Promise<void>;
}
