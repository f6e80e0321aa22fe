import type { Stoppable } from '@parley/bus';
import { serveSharded } from '@parley/service';
import type { DirectUpkeep } from './direct-upkeep.js';
import type { MessagingHandlers } from './messaging.handlers.js';
import type { MessagingContext } from './messaging.module.js';

/** Resolves when the first shards are served. Stopping gives them back. */
export async function serveMessaging(
  { bus, logger, leases }: Pick<MessagingContext, 'bus' | 'logger' | 'leases'>,
  handlers: MessagingHandlers,
  upkeep: DirectUpkeep,
): Promise<Stoppable[]> {
  const gateways = await handlers.watchGateways();
  const sharded = await serveSharded({
    bus,
    logger,
    leases,
    beforeServing: (shard) => upkeep.takeOver(shard),
    handlers: handlers.sharded(),
  });
  upkeep.start();
  return [...handlers.serve(), sharded, gateways];
}
