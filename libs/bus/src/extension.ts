import {
  compile,
  extensionReplyCheck,
  extensionRequestCheck,
  extensionSubject,
  fail,
  ok,
  type ExtensionReply,
  type ExtensionRequest,
  type Outcome,
  type TransportErrorCode,
} from '@parley/contracts';
import type { Msg } from '@nats-io/transport-node';
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import type { CallOptions, Stoppable } from './bus.js';
import { gone, isTransportError } from './call.js';
import { Lanes } from './lanes.js';
import type { Link } from './link.js';
import type { Requests } from './requests.js';
import { encodeJson, parse } from './wire.js';

const DEADLINE_MS = 5_000;
const CONCURRENCY = 64;
const WAITING = 4_096;

type Sender = Pick<ExtensionRequest, 'userId' | 'connectionId'>;

/** Plain JSON, since a backend may be written in any language: `{"data": …}` or `{"error": {"code", "message"}}`. */
const failureCheck = compile(
  Type.Object({
    error: Type.Object({ code: Type.String(), message: Type.String(), field: Type.Optional(Type.String()) }),
  }),
);

export class Extensions {
  constructor(
    private readonly link: Link,
    private readonly requests: Requests,
  ) {}

  async call(
    request: ExtensionRequest,
    options: CallOptions = {},
  ): Promise<Outcome<ExtensionReply, 'not_found' | TransportErrorCode>> {
    const subject = extensionSubject(request.name);
    const deadlineAt = performance.now() + (options.deadlineMs ?? DEADLINE_MS);
    await this.link.whenConnected(deadlineAt - performance.now());
    const data = encodeJson(request);
    if (!this.link.takes(data.length)) return fail('invalid', 'The request is too large.');
    const answer = await this.requests.request(subject, data, deadlineAt - performance.now());
    if (answer === 'refused') return fail('not_found', `Nobody serves ${request.name}.`);
    if (typeof answer === 'string') return gone(answer, request.name);
    const reply = read(answer.data);
    if (extensionReplyCheck.is(reply)) return ok(reply);
    if (failureCheck.is(reply) && isTransportError(reply.error.code)) {
      return { ok: false, error: { ...reply.error, code: reply.error.code } };
    }
    this.link.metrics.malformed('extension');
    this.link.logger.warn({ name: request.name }, 'an extension backend answered neither data nor a known error');
    return fail('internal', 'The answer could not be read.');
  }

  serve<S extends TSchema>(
    name: string,
    dataSchema: S,
    handler: (data: Static<S>, sender: Sender) => Promise<unknown>,
  ): Stoppable {
    const check = compile(dataSchema);
    const lanes = new Lanes(CONCURRENCY, WAITING);
    const answer = async (message: Msg): Promise<void> => {
      const request = read(message.data);
      const outcome = extensionRequestCheck.is(request)
        ? await this.handle(name, check, handler, request)
        : fail('invalid', 'This is no extension request.');
      this.reply(message, outcome.ok ? { data: outcome.value ?? null } : { error: outcome.error });
    };
    const subscription = this.link.subscribe(
      extensionSubject(name),
      (message) => {
        if (lanes.add(undefined, () => answer(message))) return;
        this.reply(message, { error: { code: 'unavailable', message: `${name} has too much to do.` } });
      },
      name,
    );
    return {
      stop: async () => {
        subscription.unsubscribe();
        await lanes.settled();
      },
    };
  }

  private reply(message: Msg, body: object): void {
    if (message.reply === undefined || message.reply === '') return;
    const data = written(body);
    const error = { code: 'internal', message: 'The answer cannot be sent.' };
    const sent = data !== undefined && this.link.takes(data.length) ? data : encodeJson({ error });
    this.link.publish(message.reply, sent);
  }

  private async handle<S extends TSchema>(
    name: string,
    check: ReturnType<typeof compile<S>>,
    handler: (data: Static<S>, sender: Sender) => Promise<unknown>,
    { data, userId, connectionId }: ExtensionRequest,
  ): Promise<Outcome<unknown>> {
    if (!check.is(data)) {
      const { field, message } = check.explain(data);
      return fail('invalid', message, { field: field === '' ? 'data' : `data.${field}` });
    }
    try {
      return ok(await handler(data, { userId, connectionId }));
    } catch (error) {
      this.link.logger.error({ err: error, name }, 'an extension handler threw');
      return fail('internal', 'Something went wrong.');
    }
  }
}

/** Undefined for what is no JSON, such as a circle: backends answer what they like. */
function written(body: object): Uint8Array | undefined {
  try {
    return encodeJson(body);
  } catch {
    return undefined;
  }
}

function read(data: Uint8Array): unknown {
  try {
    return parse(data);
  } catch {
    return undefined;
  }
}
