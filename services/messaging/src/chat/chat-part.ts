import type { Bus } from '@parley/bus';
import { auth, ok } from '@parley/contracts';
import { Outbox, type Database, type ShardLeases } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import type { MessagingOptions } from '../messaging.options.js';
import type { MessagingTables } from '../messaging.tables.js';
import type { Chat } from './chat.js';
import { ChatHandlers } from './chat.handlers.js';
import { ChatWrites } from './chat-writes.js';
import { DemoServer } from './demo-server.js';
import { MessageWriter } from './message-writer.js';
import { Removals } from './removals.js';

export interface ChatContext {
  readonly bus: Bus;
  readonly options: MessagingOptions;
  readonly logger: Logger;
  readonly database: Database<MessagingTables>;
  readonly leases: ShardLeases<MessagingTables>;
}

/** Below the 2 s of those who ask us. */
const USER_LOOKUP_MS = 1_000;

/** Chat's servers, channels and messages: what answers, and what goes on beside that. */
export class ChatPart {
  readonly handlers: ChatHandlers;
  readonly #outbox: Outbox<MessagingTables>;
  readonly #removals: Removals;
  readonly #demo: DemoServer | undefined;

  /** Before the leases start: the outbox wants to know of each that is given back. */
  constructor({ bus, options, logger, database, leases }: ChatContext) {
    const outbox = new Outbox(database, {
      publish: (subject, data, publishing) => bus.publishEncoded(subject, data, publishing),
      leases,
      logger,
    });
    const writes = new ChatWrites(database, leases, outbox);
    const removals = new Removals(database.kysely, writes, leases, logger);
    const chat: Chat = {
      sql: database.kysely,
      writes,
      messages: new MessageWriter(writes),
      limits: options,
      logger,
      async usernameOf(userId) {
        const user = await bus.call(auth.getUser, { userId }, { deadlineMs: USER_LOOKUP_MS });
        return user.ok ? ok(user.value.username) : user;
      },
      removed: removals.wake,
    };
    this.handlers = new ChatHandlers(bus, chat);
    this.#outbox = outbox;
    this.#removals = removals;
    const username = options.demoServer;
    if (username !== undefined) {
      const findUser = async (username: string) => {
        const user = await bus.call(auth.findUser, { username });
        return user.ok ? ok(user.value.id) : user;
      };
      this.#demo = new DemoServer({ chat, leases, username, findUser });
    }
  }

  /** A shard's new owner, before its first request: announces what the last one committed. */
  takeOver(shard: number): Promise<void> {
    return this.#outbox.publishLeftovers(shard);
  }

  /** Once shards are served. */
  async start(): Promise<void> {
    await this.#outbox.start();
    this.#removals.wake();
    this.#demo?.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#removals.stop(), this.#demo?.stop()]);
    await this.#outbox.stop();
  }
}
