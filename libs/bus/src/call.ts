import {
  fail,
  isErrorCode,
  joinEnvelope,
  ok,
  type ErrorCode,
  type Outcome,
  type RequestDefinition,
  type TransportErrorCode,
} from '@parley/contracts';
import { headers, type Msg } from '@nats-io/transport-node';
import type { Static, TSchema } from '@sinclair/typebox';
import type { CallOptions } from './bus.js';
import type { Link } from './link.js';
import type { Gone, Requests } from './requests.js';
import { backoff, sleep } from './sleep.js';
import { describeRequest, endSpan, outgoing, SpanKind, startSpan } from './trace.js';
import { decodeReply, headerNames, type WireError } from './wire.js';

const MAX_BACKOFF_MS = 100;
/** After a reconnect, services need a moment to subscribe again, too. */
const SETTLING_MS = 2_000;

/** Asks services. Bounded, and over at its deadline whatever happens. */
export class Caller {
  private underWay = 0;

  constructor(
    private readonly link: Link,
    private readonly requests: Requests,
    private readonly maxCalls: number,
  ) {}

  async call<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    request: Static<Q>,
    options: CallOptions = {},
  ): Promise<Outcome<Static<R>, E | TransportErrorCode>> {
    const rpc = `${definition.service}.${definition.verb}`;
    if (this.underWay >= this.maxCalls) return fail('unavailable', 'Too many requests are waiting for answers.');
    this.underWay++;
    const startedAt = performance.now();
    const span = startSpan(SpanKind.CLIENT, () => describeRequest('request', definition));
    try {
      const shard = definition.shard?.(request);
      const place = shard ?? definition.gateway?.(request);
      const subject = place === undefined ? `rpc.${rpc}` : `rpc.${rpc}.${String(place)}`;
      const data = written(request, options.body);
      if (data === undefined) return fail('invalid', 'The request cannot be written as JSON.');
      if (!this.link.takes(data.length)) return fail('invalid', 'The request is too large.');
      const deadlineAt = startedAt + (options.deadlineMs ?? definition.deadlineMs);
      const answer = await this.ask(subject, data, outgoing(span), deadlineAt, shard !== undefined);
      const outcome = typeof answer === 'string' ? gone(answer, rpc) : this.open(definition, answer);
      const said = outcome.ok ? 'ok' : outcome.error.code;
      this.link.metrics.called(rpc, said, (performance.now() - startedAt) / 1_000);
      endSpan(span, outcome.ok ? undefined : said);
      return outcome;
    } finally {
      this.underWay--;
    }
  }

  /** Sends, again where nobody had been there to take it, until somebody is or the time is over. */
  private async ask(
    subject: string,
    data: Uint8Array,
    traceparent: string | undefined,
    deadlineAt: number,
    sharded: boolean,
  ): Promise<Msg | Gone> {
    for (let attempt = 0; ; attempt++) {
      const connected = await this.link.whenConnected(deadlineAt - performance.now());
      if (!connected) return 'disconnected';
      const answer = await this.send(subject, data, traceparent, deadlineAt);
      // Nobody serves the shard while it changes hands; a service without shards is there or is not.
      if (answer !== 'refused' || !(sharded || this.settling())) return answer;
      const pause = backoff(attempt, MAX_BACKOFF_MS);
      if (performance.now() + pause >= deadlineAt) return 'refused';
      this.link.metrics.retried('call');
      await sleep(pause);
    }
  }

  private send(subject: string, data: Uint8Array, traceparent: string | undefined, deadlineAt: number) {
    return new Promise<Msg | Gone>((resolve) => {
      let sent;
      if (traceparent !== undefined) {
        sent = headers();
        sent.set(headerNames.trace, traceparent);
      }
      this.requests.ask(subject, data, sent, deadlineAt, resolve);
    });
  }

  private settling(): boolean {
    return this.link.reconnects > 0 && performance.now() - this.link.connectedSince < SETTLING_MS;
  }

  private open<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    answer: Msg,
  ): Outcome<Static<R>, E | TransportErrorCode> {
    const rpc = `${definition.service}.${definition.verb}`;
    const reply = decodeReply(answer.data);
    if (reply === undefined) {
      this.link.metrics.malformed('reply');
      this.link.logger.error({ rpc }, 'a reply is not in the form of replies');
      return fail('internal', 'The answer could not be read.');
    }
    if (!reply.ok) return this.openError(definition, reply.error);
    if (definition.replyCheck.is(reply.value)) return ok(reply.value);
    this.link.metrics.malformed('reply');
    this.link.logger.error(
      { rpc, wrong: definition.replyCheck.explain(reply.value) },
      'a reply does not fit its contract',
    );
    return fail('internal', 'The answer could not be read.');
  }

  private openError<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    error: WireError,
  ): Outcome<never, E | TransportErrorCode> {
    const { code } = error;
    if (isKnownError(definition, code)) return { ok: false, error: { ...error, code } };
    this.link.logger.error(
      { rpc: `${definition.service}.${definition.verb}`, code },
      'an error is not in the contract',
    );
    return fail('internal', 'Something went wrong.');
  }
}

/** Undefined for what JSON cannot hold; most likely it is nested too deeply. */
function written(request: unknown, body: Uint8Array | undefined): Uint8Array | undefined {
  try {
    return joinEnvelope(request, body);
  } catch {
    return undefined;
  }
}

/** Whether the contract knows the error; the transport's own are known everywhere. */
export function isKnownError<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
  definition: RequestDefinition<Q, R, E>,
  code: string,
): code is E | TransportErrorCode {
  return isTransportError(code) || definition.errors.some((known) => known === code);
}

export function isTransportError(code: string): code is TransportErrorCode {
  return (
    isErrorCode(code) && (code === 'invalid' || code === 'unavailable' || code === 'timeout' || code === 'internal')
  );
}

export function gone(reason: Gone, what: string): Outcome<never, 'unavailable' | 'timeout'> {
  return reason === 'timeout'
    ? fail('timeout', `No answer from ${what} in time.`)
    : fail('unavailable', `${what} is not available.`);
}
