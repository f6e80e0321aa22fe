import type { Bus, Stoppable } from '@parley/bus';
import { auth, messaging, ok, type UserId } from '@parley/contracts';
import { shardHandler, type ShardHandler } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import { authorizeTopics } from './authorize-topics.js';
import type { DirectMessageRepository } from './direct-message.repository.js';
import type { DirectUpkeep } from './direct-upkeep.js';
import { KnownUsers } from './known-users.js';
import type { MessagingOptions } from './messaging.options.js';
import { notify } from './notify.js';
import type { Outlet } from './outlet.js';
import { publishTopic } from './publish-topic.js';
import { sendDirect } from './send-direct.js';
import { settleDirect } from './settle-direct.js';
import { takeDirect } from './take-direct.js';
import { topicHistory } from './topic-history.js';
import type { TopicRules } from './topic-rules.js';
import type { WaitingAnnouncer } from './waiting-announcer.js';

export interface MessagingParts {
  readonly bus: Bus;
  readonly options: MessagingOptions;
  readonly logger: Logger;
  readonly rules: TopicRules;
  readonly repository: DirectMessageRepository;
  readonly outlet: Outlet;
  readonly announcer: WaitingAnnouncer;
  readonly upkeep: DirectUpkeep;
}

/** Below the 2 s of those who ask us. */
const USER_LOOKUP_MS = 1_000;

/** Publications handled at once; each waits only for the stream. */
const PUBLICATIONS = 1_024;

/** They only calculate: more at once would not be faster. */
const AUTHORIZATIONS = 8;

/** Each holds up to a page of the stream, 16 MiB, while it reads. */
const HISTORIES = 8;

/** Which request is answered by which verb. */
export class MessagingHandlers {
  readonly #users: KnownUsers;

  constructor(private readonly parts: MessagingParts) {
    this.#users = new KnownUsers((userId) => parts.bus.call(auth.getUser, { userId }, { deadlineMs: USER_LOOKUP_MS }));
  }

  /** What any replica answers. */
  serve(): Stoppable[] {
    const { bus, rules, options, outlet } = this.parts;
    const maxBytes = options.messageMaxBytes;
    const publishing = { bus, rules, maxBytes };
    const reading = { bus, rules, maxBytes, now: Date.now };
    const notifying = { outlet, users: this.#users };
    return [
      bus.serve(messaging.publishTopic, (request, context) => publishTopic(publishing, request, context), {
        concurrency: PUBLICATIONS,
      }),
      bus.serve(messaging.authorizeTopics, async (request) => ok(await authorizeTopics(rules, request)), {
        concurrency: AUTHORIZATIONS,
      }),
      bus.serve(messaging.topicHistory, (request) => topicHistory(reading, request), { concurrency: HISTORIES }),
      bus.serve(messaging.notify, (request) => notify(notifying, request)),
    ];
  }

  /** What only the owner of the recipient's shard answers: one at a time per recipient. */
  sharded(): ShardHandler[] {
    const { options, repository, outlet, announcer, logger } = this.parts;
    const sending = {
      repository,
      outlet,
      announcer,
      logger,
      users: this.#users,
      maxBytes: options.messageMaxBytes,
      defaultTtl: options.directTtlSeconds,
      queueLimit: options.directQueueLimit,
    };
    const taking = { repository, claimSeconds: options.directClaimSeconds, maxBytes: options.messageMaxBytes };
    const settling = { repository, announcer };
    const lane = ({ userId }: { readonly userId: UserId }): string => userId;
    return [
      shardHandler(messaging.sendDirect, (request, context, shard) => sendDirect(sending, request, context, shard), {
        lane: ({ to }) => to,
      }),
      shardHandler(messaging.takeDirect, (request, _, shard) => takeDirect(taking, request, shard), { lane }),
      shardHandler(messaging.settleDirect, (request, _, shard) => settleDirect(settling, request, shard), { lane }),
    ];
  }

  async watchGateways(): Promise<Stoppable> {
    const { bus, upkeep } = this.parts;
    const watched = await bus.watchLeases({
      joined: () => undefined,
      lost: ({ gatewayId }) => void upkeep.gatewayLost(gatewayId),
    });
    if (!watched.ok) throw new Error(`gateways cannot be watched: ${watched.error.message}`);
    return watched.value;
  }
}
