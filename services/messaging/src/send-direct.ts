import type { RequestContext } from '@parley/bus';
import {
  fail,
  newMessageId,
  ok,
  type ConnectionId,
  type messaging,
  type Outcome,
  type TransportErrorCode,
} from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import type { Static } from '@sinclair/typebox';
import type { NewDirect } from './direct-message.js';
import type { DirectMessageRepository } from './direct-message.repository.js';
import type { KnownUsers } from './known-users.js';
import { directSends } from './messaging.metrics.js';
import type { Outlet } from './outlet.js';
import { checksumOf, sizeInReply } from './payload.js';
import type { WaitingAnnouncer } from './waiting-announcer.js';

type Request = Static<typeof messaging.sendDirect.request>;
type Reply = Static<typeof messaging.sendDirect.reply>;
type Result = Outcome<Reply, 'not_found' | 'queue_full' | 'too_large' | TransportErrorCode>;

export interface SendDirectDependencies {
  readonly repository: Pick<DirectMessageRepository, 'store' | 'settleSend'>;
  readonly outlet: Pick<Outlet, 'deliver'>;
  readonly announcer: Pick<WaitingAnnouncer, 'announce'>;
  readonly users: KnownUsers;
  readonly logger: Logger;
  readonly maxBytes: number;
  readonly defaultTtl: number;
  readonly queueLimit: number;
}

/** Stored first. Then out at once, unless something waits before it, in which case it has to wait as well. */
export async function sendDirect(
  dependencies: SendDirectDependencies,
  request: Request,
  { body }: RequestContext,
  shard: number,
): Promise<Result> {
  const { repository, users, maxBytes, queueLimit } = dependencies;
  if (body === undefined) return refuse('invalid', 'A message needs a payload.');
  const size = sizeInReply(request.format, body, request.metadata);
  if (size > maxBytes) return refuse('too_large', `A message has at most ${String(maxBytes)} bytes.`);
  const known = await users.exists(request.to);
  if (!known.ok) return refuse(known.error.code, known.error.message);
  if (!known.value) return refuse('not_found', 'There is no such user.');

  const message = messageOf(request, body, size, dependencies.defaultTtl);
  const result = await attempt(() => repository.store(shard, message, queueLimit));
  if (!result.ok) return refuse(result.error.code, result.error.message);
  const stored = result.value;
  switch (stored.type) {
    case 'full':
      return refuse('queue_full', 'Too many messages wait for this user.');
    case 'repeated':
      directSends.add(1, { result: 'repeated' });
      return ok({ messageId: stored.messageId, deliveredTo: [...stored.deliveredTo] });
    case 'stored': {
      const deliveredTo = stored.alone ? await deliver(dependencies, message, stored.position) : 'nobody';
      if (deliveredTo === 'nobody') await keep(dependencies, message, stored.position, shard);
      return ok({
        messageId: message.head.messageId,
        deliveredTo: deliveredTo === 'nobody' || deliveredTo === 'unknown' ? [] : [...deliveredTo],
      });
    }
  }
}

/** `unknown`: the event may be out or not. The row stays, unannounced, and so is announced by the next sweep. */
async function deliver(
  { repository, outlet, logger }: SendDirectDependencies,
  message: NewDirect,
  position: number,
): Promise<readonly ConnectionId[] | 'nobody' | 'unknown'> {
  const delivery = await outlet.deliver({ ...message.head, position }, message.payload);
  if (!delivery.ok) {
    logger.warn({ error: delivery.error }, 'a direct message could not be published; it waits');
    directSends.add(1, { result: 'waiting' });
    return 'unknown';
  }
  const { count, connectionIds } = delivery.value;
  if (count === 0) return 'nobody';
  directSends.add(1, { result: 'delivered' });
  const settled = await attempt(() => repository.settleSend(message, position, connectionIds));
  // It will be offered once more, and dropped by a gateway that remembers its position.
  if (!settled.ok) logger.warn({ error: settled.error }, 'a delivered direct message could not be removed');
  return connectionIds;
}

/**
 * Every message that waits is announced: a gateway whose user came in between, or had nothing waiting when it asked, takes
 * it then.
 */
async function keep(
  { repository, announcer, logger }: SendDirectDependencies,
  message: NewDirect,
  position: number,
  shard: number,
): Promise<void> {
  directSends.add(1, { result: message.ttl === 0 ? 'dropped' : 'waiting' });
  if (message.ttl > 0) {
    await announcer.announce({ recipient: message.head.to, shard }, position);
    return;
  }
  const dropped = await attempt(() => repository.settleSend(message, position, []));
  if (!dropped.ok) logger.debug({ error: dropped.error }, 'left to the cleanup: it has expired already');
}

function messageOf(request: Request, body: Uint8Array, size: number, defaultTtl: number): NewDirect {
  const { from, to, format, name, metadata } = request;
  return {
    head: {
      messageId: newMessageId(),
      from,
      to,
      sentAt: Date.now(),
      format,
      ...checksumOf(format, body),
      ...(name === undefined ? {} : { name }),
      ...(metadata === undefined ? {} : { metadata }),
    },
    payload: body,
    size,
    ttl: request.ttl ?? defaultTtl,
    idempotencyKey: request.idempotencyKey,
  };
}

function refuse<E extends 'not_found' | 'queue_full' | 'too_large' | TransportErrorCode>(code: E, message: string) {
  directSends.add(1, { result: code });
  return fail(code, message);
}
