import {
  newGatewayId,
  ok,
  type ConnectionId,
  type ErrorCode,
  type ExtensionReply,
  type ExtensionRequest,
  type Outcome,
  type RawEvent,
  type RequestDefinition,
  type TransportErrorCode,
} from '@parley/contracts';
import type { Static, TSchema } from '@sinclair/typebox';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Caller, Command, Commands, EmitCommand, JoinRequest, JoinResult, Login, Receipts } from '../command.js';
import type { Dialect, EndReason, Session, SessionLimits } from '../dialect.js';
import type { Frame } from '../frame.js';

type Answer = (request: unknown, body: Uint8Array | undefined) => unknown;

/** An event that was published live. */
export interface Emitted {
  readonly subject: string;
  readonly payload: unknown;
  readonly body: Uint8Array | undefined;
}

/** What happened to the connection, in order. */
export type Happening =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'strike' }
  | { readonly kind: 'log-in'; readonly login: Login; readonly replaces?: ConnectionId }
  | { readonly kind: 'renew'; readonly login: Login }
  | { readonly kind: 'join'; readonly requests: readonly JoinRequest[] }
  | { readonly kind: 'leave'; readonly subjects: readonly string[] }
  | { readonly kind: 'skip'; readonly subject: string; readonly upTo: number }
  | { readonly kind: 'emit'; readonly key: string; readonly everyMs: number; readonly events: readonly Emitted[] }
  | { readonly kind: 'prefer-alternative' }
  | { readonly kind: 'call'; readonly name: string; readonly request: unknown; readonly body: Uint8Array | undefined };

export interface HarnessOptions {
  readonly connectionId: ConnectionId;
  /** Default: the dialect's first. */
  readonly endpoint?: string;
  /** Of the URL, without the question mark. */
  readonly query?: string;
  /** As the upgrade carried it. */
  readonly token?: string;
  readonly limits?: Partial<SessionLimits>;
}

const generous: SessionLimits = {
  messagesPerSecond: 1_000,
  messageBurst: 1_000,
  subscriptions: 100,
  operationsPerSecond: 1_000,
  cursorsPerSecond: 1_000,
};

/**
 * A gateway for one session, without sockets and bus: carries out commands in order as the real one does, answers
 * requests as the test says, and writes down what happened. Time stands still unless a test moves it.
 */
export class Harness {
  readonly session: Session;
  readonly log: Happening[] = [];
  readonly timers = new Map<string, number>();
  readonly memory = new Map<string, unknown>();
  now = 1_700_000_000_000;
  /** Tokens that `authenticate` accepts. */
  readonly tokens = new Map<string, Login>();
  logIn: Outcome<void, 'limit_exceeded'> = ok(undefined);
  join: (requests: readonly JoinRequest[]) => Outcome<readonly JoinResult[], 'unavailable' | 'timeout'> = (requests) =>
    ok(requests.map(({ subject }) => ({ subject, position: 0 })));
  extension: (request: ExtensionRequest) => Outcome<ExtensionReply, 'not_found' | TransportErrorCode> = () => ({
    ok: false,
    error: { code: 'not_found', message: 'none' },
  });
  /** Whether the client reads what it is sent. */
  flushed = true;
  /** What receipts of the next publications count. */
  recipients = 0;
  receiptsCancelled = 0;
  /** Set it to hold receipts back until the promise resolves. */
  receiptsHeld: Promise<void> = Promise.resolve();
  private readonly answers = new Map<string, Answer>();
  private readonly background = new Set<Promise<void>>();

  constructor(dialect: Dialect, options: HarnessOptions) {
    this.session = dialect.open({
      connectionId: options.connectionId,
      gatewayId: newGatewayId(),
      endpoint: options.endpoint ?? dialect.endpoints[0]?.path ?? '/',
      query: new URLSearchParams(options.query ?? ''),
      token: options.token,
      limits: { ...generous, ...options.limits },
      now: () => this.now,
      sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
      gunzip: (bytes, maxBytes) => Promise.resolve(unpacked(bytes, maxBytes)),
    });
  }

  /** How a service answers from now on; the request has been checked against its contract. */
  answer<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    reply: (request: Static<Q>, body: Uint8Array | undefined) => Outcome<Static<R>, E | TransportErrorCode>,
  ): void {
    this.answers.set(nameOf(definition), (request, body) => {
      if (definition.requestCheck.is(request)) return reply(request, body);
      const { field, message } = definition.requestCheck.explain(request);
      throw new Error(`${nameOf(definition)}: ${field}: ${message}`);
    });
  }

  async open(login: Outcome<Login, 'unauthenticated'> | undefined): Promise<void> {
    await this.run(this.session.opened(login));
  }

  /** A text frame with this message. */
  async send(message: unknown): Promise<void> {
    await this.receive({ data: JSON.stringify(message), binary: false });
  }

  async receive(frame: Frame): Promise<void> {
    await this.run(this.session.received(frame));
  }

  async fire(timer: string): Promise<void> {
    const at = this.timers.get(timer);
    if (at === undefined) throw new Error(`no timer "${timer}"`);
    this.now = Math.max(this.now, at);
    this.timers.delete(timer);
    await this.run(this.session.timer(timer));
  }

  async observe(event: RawEvent): Promise<void> {
    await this.run(this.session.observed(event));
  }

  async measure(roundTripMs: number): Promise<void> {
    await this.run(this.session.measured?.(roundTripMs) ?? []);
  }

  async end(reason: EndReason): Promise<void> {
    await this.run(this.session.ending(reason));
  }

  /** The socket is gone: what the session still has to tell, told. */
  async close(): Promise<readonly Outcome<unknown>[]> {
    return Promise.all(this.session.closed().map((farewell) => farewell(this.caller)));
  }

  /** Until nothing runs in the background any more. */
  async settled(): Promise<void> {
    while (this.background.size > 0) await Promise.all(this.background);
  }

  /** What was sent since the last time it was asked, text frames parsed. */
  take(): unknown[] {
    return this.takeLog().flatMap((one) => (one.kind === 'frame' ? [readFrame(one.frame)] : []));
  }

  takeLog(): Happening[] {
    return this.log.splice(0);
  }

  calls(name: string): readonly { readonly request: unknown; readonly body: Uint8Array | undefined }[] {
    return this.log.flatMap((one) => (one.kind === 'call' && one.name === name ? [one] : []));
  }

  private async run(commands: Commands): Promise<void> {
    for (const command of commands) await this.carryOut(command);
  }

  private async carryOut(command: Command): Promise<void> {
    switch (command.kind) {
      case 'send':
        this.log.push(...command.frames.map((frame) => ({ kind: 'frame', frame }) as const));
        return;
      case 'close':
        this.log.push({ kind: 'close', code: command.code, reason: command.reason });
        return;
      case 'strike':
        this.log.push({ kind: 'strike' });
        return;
      case 'authenticate': {
        const login = this.tokens.get(command.token);
        const error = { code: 'unauthenticated', message: 'Not a token' } as const;
        return this.run(command.then(login === undefined ? { ok: false, error } : ok(login)));
      }
      case 'log-in':
        this.log.push({
          kind: 'log-in',
          login: command.login,
          ...(command.replaces === undefined ? {} : { replaces: command.replaces }),
        });
        return this.run(command.then(this.logIn));
      case 'renew':
        this.log.push({ kind: 'renew', login: command.login });
        return;
      case 'call':
        return this.run(await command.perform(this.caller));
      case 'background': {
        const running: Promise<void> = command
          .perform(this.caller)
          .then((more) => this.run(more))
          .finally(() => this.background.delete(running));
        this.background.add(running);
        return;
      }
      case 'join':
        this.log.push({ kind: 'join', requests: command.requests });
        return this.run(command.then(this.join(command.requests)));
      case 'leave':
        this.log.push({ kind: 'leave', subjects: command.subjects });
        return;
      case 'skip':
        this.log.push({ kind: 'skip', subject: command.subject, upTo: command.upTo });
        return;
      case 'emit':
        this.log.push(emitted(command));
        return;
      case 'prefer-alternative':
        this.log.push({ kind: 'prefer-alternative' });
        return;
      case 'flushed':
        return this.run(command.then(this.flushed));
      case 'timer':
        if (command.at === undefined) this.timers.delete(command.name);
        else this.timers.set(command.name, command.at);
    }
  }

  readonly caller: Caller = {
    call: async (definition, request, options) => {
      const name = nameOf(definition);
      this.log.push({ kind: 'call', name, request, body: options?.body });
      const answer = this.answers.get(name);
      if (answer === undefined) throw new Error(`the test has no answer for ${name}`);
      return Promise.resolve(checked(definition, answer(request, options?.body)));
    },
    callExtension: (request) => Promise.resolve(this.extension(request)),
    receipts: (subject): Receipts => ({
      subject: `receipts-of.${subject}`,
      settled: () => this.receiptsHeld.then(() => ({ count: this.recipients, connectionIds: [] })),
      cancel: () => {
        this.receiptsCancelled += 1;
      },
    }),
    remember: (key, value) => {
      this.memory.set(key, value);
    },
    recall: (key) => Promise.resolve(this.memory.get(key)),
  };
}

function unpacked(bytes: Uint8Array, maxOutputLength: number): Uint8Array | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength });
  } catch {
    return undefined;
  }
}

/** Published at once: time, and with it what is coalesced, is the gateway's business. */
function emitted({ key, everyMs, publish }: EmitCommand): Happening {
  const events: Emitted[] = [];
  publish({
    emit: (definition, id, payload, body) => {
      events.push({ subject: definition.subject(id), payload, body });
    },
  });
  return { kind: 'emit', key, everyMs, events };
}

function nameOf(definition: { readonly service: string; readonly verb: string }): string {
  return `${definition.service}.${definition.verb}`;
}

/** An answer of a test is held to the contract as a service's is. */
function checked<Q extends TSchema, R extends TSchema, E extends ErrorCode>(
  definition: RequestDefinition<Q, R, E>,
  outcome: unknown,
): Outcome<Static<R>, E | TransportErrorCode> {
  if (typeof outcome !== 'object' || outcome === null) throw new Error('not an outcome');
  if ('value' in outcome && definition.replyCheck.is(outcome.value)) return ok(outcome.value);
  if ('error' in outcome && isErrorOf(definition, outcome.error)) return { ok: false, error: outcome.error };
  throw new Error(`not an answer of ${nameOf(definition)}: ${JSON.stringify(outcome)}`);
}

const transportErrors: readonly TransportErrorCode[] = ['invalid', 'unavailable', 'timeout', 'internal'];

function isErrorOf<E extends ErrorCode>(
  definition: { readonly errors: readonly E[] },
  error: unknown,
): error is { readonly code: E | TransportErrorCode; readonly message: string } {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return [...definition.errors, ...transportErrors].some((code) => code === error.code);
}

function readFrame({ data, binary }: Frame): unknown {
  if (binary) return data;
  return JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data));
}
