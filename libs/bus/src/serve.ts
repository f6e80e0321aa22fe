import {
  fail,
  splitEnvelope,
  type ErrorCode,
  type GatewayId,
  type Outcome,
  type RequestDefinition,
  type TransportErrorCode,
} from '@parley/contracts';
import type { Msg, Subscription } from '@nats-io/transport-node';
import type { Static, TSchema } from '@sinclair/typebox';
import type { Handler, RequestContext, ServeOptions, ShardOptions, Stoppable } from './bus.js';
import { isKnownError } from './call.js';
import { Lanes } from './lanes.js';
import type { Link } from './link.js';
import { endSpan, incoming, SpanKind, describeRequest, startSpan, within } from './trace.js';
import { encodeError, encodeValue, headerNames } from './wire.js';

const CONCURRENCY = 64;
const WAITING = 4_096;
const WHOLE_SHARD = '';

interface Served<Q extends TSchema, R extends TSchema, E extends ErrorCode> {
  readonly definition: RequestDefinition<Q, R, E>;
  readonly handler: Handler<Q, R, E>;
  readonly lanes: Lanes;
  /** The lane of a request; undefined when requests need no order. */
  laneOf(request: Static<Q>): string | undefined;
}

/** Answers requests. */
export class Server {
  /** By `<service>.<shard>`: every definition served for one shard shares its lanes. */
  private readonly shards = new Map<string, { readonly lanes: Lanes; users: number }>();
  private readonly serving = new Set<Stoppable>();

  constructor(private readonly link: Link) {}

  serve<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    handler: Handler<Q, R, E>,
    options: ServeOptions = {},
  ): Stoppable {
    const lanes = new Lanes(options.concurrency ?? CONCURRENCY, options.waiting ?? WAITING);
    const subject = `rpc.${definition.service}.${definition.verb}`;
    return this.start(subject, { definition, handler, lanes, laneOf: () => undefined }, () => undefined);
  }

  serveShard<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    shard: number,
    handler: Handler<Q, R, E>,
    options: ShardOptions<Q> = {},
  ): Stoppable {
    const key = `${definition.service}.${String(shard)}`;
    const shared = this.shards.get(key) ?? { lanes: new Lanes(CONCURRENCY, WAITING), users: 0 };
    shared.users++;
    this.shards.set(key, shared);
    const laneOf = options.lane ?? (() => WHOLE_SHARD);
    const subject = `rpc.${definition.service}.${definition.verb}.${String(shard)}`;
    return this.start(subject, { definition, handler, lanes: shared.lanes, laneOf }, () => {
      if (--shared.users === 0) this.shards.delete(key);
    });
  }

  serveAt<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    gatewayId: GatewayId,
    handler: Handler<Q, R, E>,
  ): Stoppable {
    const lanes = new Lanes(CONCURRENCY, WAITING);
    const subject = `rpc.${definition.service}.${definition.verb}.${gatewayId}`;
    return this.start(subject, { definition, handler, lanes, laneOf: () => undefined }, () => undefined);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.serving].map((one) => one.stop()));
  }

  private start<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    subject: string,
    served: Served<Q, R, E>,
    released: () => void,
  ): Stoppable {
    const open = new Set<Promise<void>>();
    const subscription = this.link.subscribe(
      subject,
      (message) => {
        this.receive(served, message, open);
      },
      served.definition.service,
    );
    let stopping: Promise<void> | undefined;
    const stoppable = {
      stop: () => {
        stopping ??= this.drain(subscription, open).then(() => {
          this.serving.delete(stoppable);
          released();
        });
        return stopping;
      },
    };
    this.serving.add(stoppable);
    return stoppable;
  }

  /** What was sent here before the server heard that we leave is still answered. */
  private async drain(subscription: Subscription, open: Set<Promise<void>>): Promise<void> {
    if (!subscription.isClosed() && this.link.status === 'connected') await subscription.drain().catch(() => undefined);
    else subscription.unsubscribe();
    await Promise.all(open);
  }

  private receive<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    served: Served<Q, R, E>,
    message: Msg,
    open: Set<Promise<void>>,
  ): void {
    const { definition, lanes } = served;
    const envelope = splitEnvelope(message.data);
    if (envelope === undefined || !definition.requestCheck.is(envelope.head)) {
      this.link.metrics.malformed('request');
      const wrong = envelope === undefined ? undefined : definition.requestCheck.explain(envelope.head);
      this.answer(
        message,
        fail('invalid', wrong?.message ?? 'The request cannot be read.', { field: wrong?.field ?? '' }),
      );
      return;
    }
    const request = envelope.head;
    const receivedAt = performance.now();
    let done = (): void => undefined;
    const finished = new Promise<void>((resolve) => {
      done = resolve;
    });
    const accepted = lanes.add(served.laneOf(request), async () => {
      await this.run(served, message, request, { body: envelope.body }, receivedAt);
      open.delete(finished);
      done();
    });
    if (accepted) open.add(finished);
    else this.answer(message, fail('unavailable', `${definition.service} has too much to do.`));
  }

  private async run<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    served: Served<Q, R, E>,
    message: Msg,
    request: Static<Q>,
    context: RequestContext,
    receivedAt: number,
  ): Promise<void> {
    const { definition } = served;
    const rpc = `${definition.service}.${definition.verb}`;
    const parent = incoming(message.headers?.get(headerNames.trace));
    const span = startSpan(SpanKind.SERVER, () => describeRequest('process', definition), parent);
    const outcome = await within(parent, span, async () => {
      // Whoever asked has given up by now; doing it all the same would only make the next ones late.
      if (performance.now() - receivedAt > definition.deadlineMs)
        return fail('timeout', `${definition.service} is late.`);
      return this.handle(served, request, context);
    });
    this.answer(message, outcome);
    const said = outcome.ok ? 'ok' : outcome.error.code;
    this.link.metrics.served(rpc, said, (performance.now() - receivedAt) / 1_000);
    endSpan(span, outcome.ok ? undefined : said);
  }

  private async handle<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    { definition, handler }: Served<Q, R, E>,
    request: Static<Q>,
    context: RequestContext,
  ): Promise<Outcome<Static<R>, E | TransportErrorCode>> {
    const rpc = `${definition.service}.${definition.verb}`;
    try {
      const outcome = await handler(request, context);
      if (outcome.ok || isKnownError(definition, outcome.error.code)) return outcome;
      this.link.logger.error({ rpc, error: outcome.error }, 'a handler answered an error that is not in its contract');
    } catch (error) {
      this.link.logger.error({ err: error, rpc }, 'a request handler threw');
    }
    return fail('internal', 'Something went wrong.');
  }

  private answer(message: Msg, outcome: Outcome<unknown>): void {
    const { reply } = message;
    if (reply === undefined || reply === '') return;
    const data = this.encode(outcome);
    const sent = this.link.takes(data.length)
      ? data
      : encodeError({ code: 'internal', message: 'The answer is too large.' });
    this.link.publish(reply, sent);
  }

  /** A value that cannot be written must cost its asker an answer, not this process its life. */
  private encode(outcome: Outcome<unknown>): Uint8Array {
    if (!outcome.ok) return encodeError(outcome.error);
    try {
      return encodeValue(outcome.value);
    } catch (error) {
      this.link.logger.error({ err: error }, 'an answer cannot be written as JSON');
      return encodeError({ code: 'internal', message: 'Something went wrong.' });
    }
  }
}
