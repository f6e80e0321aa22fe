import type { Stoppable } from '@parley/bus';
import { serveSharded } from '@parley/service';
import type { ChatPart } from './chat/chat-part.js';
import type { DirectUpkeep } from './direct-upkeep.js';
import type { MessagingHandlers } from './messaging.handlers.js';
import type { MessagingContext } from './messaging.module.js';

/** Resolves when the first shards are served. Stopping gives them back. */
export async function serveMessaging(
  { bus, logger, leases }: Pick<MessagingContext, 'bus' | 'logger' | 'leases'>,
  handlers: MessagingHandlers,
  upkeep: DirectUpkeep,
  chat: ChatPart,
): Promise<Stoppable[]> {
  const gateways = await handlers.watchGateways();
  const sharded = await serveSharded({
    bus,
    logger,
    leases,
    beforeServing: async (shard) => {
      await Promise.all([upkeep.takeOver(shard), chat.takeOver(shard)]);
    },
    handlers: [...handlers.sharded(), ...chat.handlers.sharded()],
  });
  upkeep.start();
  await chat.start();
  return [...handlers.serve(), ...chat.handlers.serve(), sharded, gateways];
}
