import type { Bus, Handler, ShardOptions, Stoppable } from '@parley/bus';
import type { ErrorCode, RequestDefinition } from '@parley/contracts';
import type { ShardOwner } from '@parley/database';
import { observe, type Logger } from '@parley/telemetry';

/** A request definition with its handler, whatever their types. */
export interface ShardHandler {
  serve(bus: Pick<Bus, 'serveShard'>, shard: number): Stoppable;
}

type Schema = RequestDefinition['request'];

export function shardHandler<Q extends Schema, R extends Schema, E extends ErrorCode>(
  definition: RequestDefinition<Q, R, E>,
  handler: (...given: [...Parameters<Handler<Q, R, E>>, shard: number]) => ReturnType<Handler<Q, R, E>>,
  options?: ShardOptions<Q>,
): ShardHandler {
  return {
    serve: (bus, shard) =>
      bus.serveShard(definition, shard, (request, context) => handler(request, context, shard), options),
  };
}

export interface ShardedParts {
  readonly bus: Pick<Bus, 'serveShard'>;
  readonly logger: Pick<Logger, 'debug'>;
  /** `ShardLeases` of @parley/database. */
  readonly leases: { start(owner: ShardOwner): Promise<void>; stop(): Promise<void> };
  readonly handlers: readonly ShardHandler[];
  /** Before the first request of a shard: announce what the owner before left, load what is needed. */
  beforeServing?(shard: number, epoch: number): Promise<void>;
  /** After the last request of a shard: forget what was kept for it. */
  afterServing?(shard: number): Promise<void>;
}

/**
 * Serves the requests of the shards whose leases this process gets. Resolves when the first of them are served; `stop`
 * finishes what is under way and gives the leases back.
 */
export async function serveSharded(parts: ShardedParts): Promise<Stoppable> {
  const serving = new Map<number, readonly Stoppable[]>();
  const gauge = observe(
    'parley.shards.served',
    { unit: '{shard}', description: 'Shards that this replica owns and serves.' },
    () => serving.size,
  );

  await parts.leases.start({
    async acquired(shard, epoch) {
      await parts.beforeServing?.(shard, epoch);
      serving.set(
        shard,
        parts.handlers.map((handler) => handler.serve(parts.bus, shard)),
      );
      parts.logger.debug({ shard, epoch }, 'serving shard');
    },
    async lost(shard) {
      const stoppables = serving.get(shard) ?? [];
      serving.delete(shard);
      await Promise.all(stoppables.map((stoppable) => stoppable.stop()));
      await parts.afterServing?.(shard);
      parts.logger.debug({ shard }, 'left shard');
    },
  });
  return {
    async stop() {
      await parts.leases.stop();
      gauge.stop();
    },
  };
}
