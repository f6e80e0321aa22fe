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
import type { Link } from './link.js';
import type { Requests } from './requests.js';
import { encodeJson, parse } from './wire.js';

const DEADLINE_MS = 5_000;

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
    const answer = await this.requests.request(subject, encodeJson(request), deadlineAt - performance.now());
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
    const open = new Set<Promise<void>>();
    const answer = async (message: Msg): Promise<void> => {
      const request = read(message.data);
      const outcome = extensionRequestCheck.is(request)
        ? await this.handle(name, check, handler, request)
        : fail('invalid', 'This is no extension request.');
      const body = outcome.ok ? { data: outcome.value ?? null } : { error: outcome.error };
      if (message.reply !== undefined && message.reply !== '') this.link.publish(message.reply, encodeJson(body));
    };
    const subscription = this.link.subscribe(
      extensionSubject(name),
      (message) => {
        const running = answer(message).finally(() => open.delete(running));
        open.add(running);
      },
      name,
    );
    return {
      stop: async () => {
        subscription.unsubscribe();
        await Promise.allSettled(open);
      },
    };
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

function read(data: Uint8Array): unknown {
  try {
    return parse(data);
  } catch {
    return undefined;
  }
}
