import { runService, startNest } from '@parley/service';
import { ShardLeases } from '@parley/database';
import { ChatPart } from './chat/chat-part.js';
import { DirectUpkeep } from './direct-upkeep.js';
import { MessagingHandlers } from './messaging.handlers.js';
import { messagingModule, topicRules } from './messaging.module.js';
import { requireRoom } from './message-room.js';
import { messagingOptions } from './messaging.options.js';
import type { MessagingTables } from './messaging.tables.js';
import { serveMessaging } from './serve-messaging.js';

await runService({
  name: 'messaging',
  options: messagingOptions,
  // The stream keeps what the most generous rule promises; the others are clipped when they are read.
  busOptions: (options) => {
    const { messages, seconds } = topicRules(options).largestHistory();
    return { topics: { maxPerSubject: messages, maxAgeMs: seconds * 1_000 } };
  },
  async start(context) {
    const database = await context.openDatabase<MessagingTables>({
      migrations: new URL('../migrations/', import.meta.url),
    });
    const { bus, instanceId, logger } = context;
    requireRoom(context.options.messageMaxBytes, bus.maxBytes());
    // Without the bus nobody reaches us, and others can serve our shards.
    const leases = new ShardLeases(database, { instanceId, logger, able: () => bus.status() === 'connected' });
    const nest = await startNest(context, messagingModule({ ...context, database, leases }));
    const [upkeep, chat] = [nest.get(DirectUpkeep), nest.get(ChatPart)];
    return {
      intake: await serveMessaging({ ...context, leases }, nest.get(MessagingHandlers), upkeep, chat),
      close: async () => {
        await Promise.all([upkeep.stop(), chat.stop()]);
      },
    };
  },
});
