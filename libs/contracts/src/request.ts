import type { Static, TSchema } from '@sinclair/typebox';
import { compile, type Check } from './check.js';
import type { ErrorCode } from './errors.js';
import type { GatewayId } from './ids.js';

export type ServiceName = 'gateway' | 'auth' | 'presence' | 'messaging' | 'rooms' | 'signaling' | 'session';

/**
 * One verb of one service, asked on `rpc.<service>.<verb>`. With `shard`, the request goes to the owner of that shard on
 * `rpc.<service>.<verb>.<shard>`, which handles the requests of one shard in the order in which it received them. With
 * `gateway`, it goes to that one gateway, on `rpc.gateway.<verb>.<gatewayId>`.
 */
export interface RequestDefinition<
  Q extends TSchema = TSchema,
  R extends TSchema = TSchema,
  E extends ErrorCode = ErrorCode,
> {
  readonly service: ServiceName;
  readonly verb: string;
  readonly request: Q;
  readonly reply: R;
  readonly errors: readonly E[];
  readonly deadlineMs: number;
  readonly shard?: (request: Static<Q>) => number;
  readonly gateway?: (request: Static<Q>) => GatewayId;
  readonly requestCheck: Check<Q>;
  readonly replyCheck: Check<R>;
}

export interface RequestOptions<Q extends TSchema, R extends TSchema, E extends ErrorCode> {
  readonly request: Q;
  readonly reply: R;
  readonly errors: readonly E[];
  /** Default 2,000 ms. Never unbounded. */
  readonly deadlineMs?: number;
  readonly shard?: (request: Static<Q>) => number;
  readonly gateway?: (request: Static<Q>) => GatewayId;
}

/** `defineRequest('messaging.publish-topic', {…})`: the only way to name a request. */
export function defineRequest<Q extends TSchema, R extends TSchema, const E extends ErrorCode>(
  name: `${ServiceName}.${string}`,
  options: RequestOptions<Q, R, E>,
): RequestDefinition<Q, R, E> {
  const dot = name.indexOf('.');
  return {
    service: serviceOf(name.slice(0, dot)),
    verb: name.slice(dot + 1),
    request: options.request,
    reply: options.reply,
    errors: options.errors,
    deadlineMs: options.deadlineMs ?? 2_000,
    ...(options.shard === undefined ? {} : { shard: options.shard }),
    ...(options.gateway === undefined ? {} : { gateway: options.gateway }),
    requestCheck: compile(options.request),
    replyCheck: compile(options.reply),
  };
}

const services = ['gateway', 'auth', 'presence', 'messaging', 'rooms', 'signaling', 'session'] as const;

function serviceOf(name: string): ServiceName {
  const found = services.find((service) => service === name);
  if (found === undefined) throw new Error(`unknown service "${name}"`);
  return found;
}

/** Shards per service: enough to spread over any number of replicas that makes sense, few enough to lease one by one. */
export const SHARDS = 64;

/** FNV-1a over the key: the same on every pod, today and after an upgrade. */
export function shardOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash ^= key.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % SHARDS;
}
