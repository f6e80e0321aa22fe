import { ok, type messaging, type Outcome, type TransportErrorCode } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import type { DirectMessageRepository } from './direct-message.repository.js';
import { directTaken } from './messaging.metrics.js';
import { payloadText } from './payload.js';

type Request = Static<typeof messaging.takeDirect.request>;
type Reply = Static<typeof messaging.takeDirect.reply>;

export interface TakeDirectDependencies {
  readonly repository: Pick<DirectMessageRepository, 'take'>;
  readonly claimSeconds: number;
  readonly maxBytes: number;
}

export async function takeDirect(
  { repository, claimSeconds, maxBytes }: TakeDirectDependencies,
  { userId, connectionId, gatewayId, limit }: Request,
  shard: number,
): Promise<Outcome<Reply, TransportErrorCode>> {
  const claim = { recipient: userId, connectionId, gatewayId, limit, maxBytes, seconds: claimSeconds };
  const taken = await attempt(() => repository.take(shard, claim));
  if (!taken.ok) return taken;
  const { messages, more } = taken.value;
  if (messages.length > 0) directTaken.add(messages.length);
  return ok({
    messages: messages.map(({ head, position, payload }) => ({
      ...head,
      position,
      payload: payloadText(head.format, payload),
    })),
    more,
  });
}
