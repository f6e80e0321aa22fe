import { Module, type DynamicModule } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import type { Database, ShardLeases } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import { ChatPart } from './chat/chat-part.js';
import { DirectMessageRepository } from './direct-message.repository.js';
import { DirectUpkeep } from './direct-upkeep.js';
import { MessagingHandlers } from './messaging.handlers.js';
import type { MessagingOptions } from './messaging.options.js';
import type { MessagingTables } from './messaging.tables.js';
import { Outlet } from './outlet.js';
import { TopicRules } from './topic-rules.js';
import { WaitingAnnouncer } from './waiting-announcer.js';

export interface MessagingContext {
  readonly bus: Bus;
  readonly options: MessagingOptions;
  readonly logger: Logger;
  readonly database: Database<MessagingTables>;
  readonly leases: ShardLeases<MessagingTables>;
}

@Module({})
export class MessagingModule {}

export function messagingModule({ bus, options, logger, database, leases }: MessagingContext): DynamicModule {
  return {
    module: MessagingModule,
    providers: [
      { provide: ChatPart, useFactory: () => new ChatPart({ bus, options, logger, database, leases }) },
      { provide: TopicRules, useFactory: () => topicRules(options) },
      { provide: Outlet, useFactory: () => new Outlet(bus, options) },
      { provide: DirectMessageRepository, useFactory: () => new DirectMessageRepository(database, leases) },
      {
        provide: WaitingAnnouncer,
        useFactory: (repository: DirectMessageRepository, outlet: Outlet) =>
          new WaitingAnnouncer(repository, outlet, logger),
        inject: [DirectMessageRepository, Outlet],
      },
      {
        provide: DirectUpkeep,
        useFactory: (repository: DirectMessageRepository, announcer: WaitingAnnouncer) =>
          new DirectUpkeep(repository, announcer, leases, logger),
        inject: [DirectMessageRepository, WaitingAnnouncer],
      },
      {
        provide: MessagingHandlers,
        useFactory: (
          rules: TopicRules,
          repository: DirectMessageRepository,
          outlet: Outlet,
          announcer: WaitingAnnouncer,
          upkeep: DirectUpkeep,
        ) => new MessagingHandlers({ bus, options, logger, rules, repository, outlet, announcer, upkeep }),
        inject: [TopicRules, DirectMessageRepository, Outlet, WaitingAnnouncer, DirectUpkeep],
      },
    ],
  };
}

/** Throws when the configured rules contradict themselves. */
export function topicRules(options: MessagingOptions): TopicRules {
  return new TopicRules(options.topicRules, { messages: options.historyMessages, seconds: options.historySeconds });
}
